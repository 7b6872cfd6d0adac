/**
 * Step events of one stage as curves that a page can draw: up to 400 steps as they are, more of them in
 * groups of equal length with mean, smallest and largest value, so that no extreme is lost and the
 * same run always gives the same picture. Steps are kept as columns while they are read.
 */
import type { StageName, StepEvent } from '../../contract/events.ts';
import type { ReportedCurve, ReportedTraining, ReportSource } from '../../contract/report.ts';
import { stepMetrics } from '../../contract/runs.ts';
import type { StepMetric } from '../../contract/runs.ts';

const mostPoints = 400;

export interface StepColumns {
  stage: StageName;
  steps: number[];
  planned: number;
  values: Record<StepMetric, number[]>;
}

export function emptyColumns(stage: StageName): StepColumns {
  const values = Object.fromEntries(stepMetrics.map((metric) => [metric, [] as number[]]));
  return { stage, steps: [], planned: 0, values: values as StepColumns['values'] };
}

/** A value that is absent or no number, e.g. a margin in plain SFT, becomes NaN. */
export function addStep(columns: StepColumns, event: StepEvent): void {
  columns.steps.push(event.step);
  columns.planned = event.steps;
  for (const metric of stepMetrics) {
    const value = event[metric];
    columns.values[metric].push(typeof value === 'number' ? value : Number.NaN);
  }
}

export function trainingOf(columns: StepColumns, source: ReportSource): ReportedTraining {
  const { stage, steps, planned, values } = columns;
  const stepsPerPoint = Math.ceil(steps.length / mostPoints);
  const curves = stepMetrics
    .map((metric) => curveOf(metric, steps, values[metric], stepsPerPoint))
    .filter((curve) => curve.step.length > 0);
  return {
    stage,
    steps: steps.length,
    plannedSteps: planned,
    tokens: sum(values.tokens),
    answerTokens: sum(values.answerTokens),
    seconds: sum(values.seconds),
    stepsPerPoint: Math.max(1, stepsPerPoint),
    curves,
    source,
  };
}

function curveOf(
  metric: StepMetric,
  steps: readonly number[],
  values: readonly number[],
  size: number,
): ReportedCurve {
  const curve: ReportedCurve = { metric, step: [], mean: [], low: [], high: [] };
  for (let start = 0; start < steps.length; start += size) {
    const end = Math.min(start + size, steps.length);
    let [count, total, low, high] = [0, 0, Infinity, -Infinity];
    for (let at = start; at < end; at += 1) {
      const value = values[at]!;
      if (!Number.isFinite(value)) continue;
      count += 1;
      total += value;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (count === 0) continue;
    curve.step.push((steps[start]! + steps[end - 1]!) / 2);
    curve.mean.push(total / count);
    curve.low.push(low);
    curve.high.push(high);
  }
  return curve;
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) if (Number.isFinite(value)) total += value;
  return total;
}
