/**
 * The step events of one stage as growing columns. Every raw point is kept. An append writes behind
 * `length` into buffers it shares with the series it came from, so that adding a point to 100,000
 * costs nothing and an older series still shows what it showed. A step that comes again (a run
 * resumed from a checkpoint) cuts the series at that step: curves never overlap.
 */
import type { StepEvent } from '../../main/contract/events.ts';
import { stepMetrics } from '../../main/contract/runs.ts';
import type { StepColumns, StepMetric } from '../../main/contract/runs.ts';

export interface Series {
  length: number;
  steps: number;
  step: Float64Array;
  time: Float64Array;
  values: Record<StepMetric, Float64Array>;
}

function everyMetric(make: (metric: StepMetric) => Float64Array): Series['values'] {
  return Object.fromEntries(
    stepMetrics.map((metric) => [metric, make(metric)]),
  ) as Series['values'];
}

export function emptySeries(capacity = 256): Series {
  return {
    length: 0,
    steps: 0,
    step: new Float64Array(capacity),
    time: new Float64Array(capacity),
    values: everyMetric(() => new Float64Array(capacity)),
  };
}

export function seriesFromColumns(columns: StepColumns): Series {
  const { steps, step, time, values } = columns;
  return { length: step.length, steps, step, time, values };
}

/** Copies the first `length` points into buffers with room for `capacity`. */
function copied(series: Series, length: number, capacity: number): Series {
  const copy = (column: Float64Array): Float64Array => {
    const grown = new Float64Array(capacity);
    grown.set(column.subarray(0, length));
    return grown;
  };
  return {
    length,
    steps: series.steps,
    step: copy(series.step),
    time: copy(series.time),
    values: everyMetric((metric) => copy(series.values[metric])),
  };
}

/** Number of points whose step is below `step`; steps ascend. */
export function pointsBefore(series: Series, step: number): number {
  let low = 0;
  let high = series.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((series.step[middle] ?? Infinity) < step) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function appendStep(series: Series, event: StepEvent, time: number): Series {
  const at = pointsBefore(series, event.step);
  let target = series;
  if (at < series.length) target = copied(series, at, Math.max(256, at * 2));
  else if (at >= series.step.length) target = copied(series, at, Math.max(256, at * 2));
  target.step[at] = event.step;
  target.time[at] = time;
  for (const metric of stepMetrics) target.values[metric][at] = event[metric] ?? NaN;
  return { ...target, length: at + 1, steps: event.steps };
}

/** The points that are there, without the spare room behind them. */
export function column(series: Series, metric: StepMetric): Float64Array {
  return series.values[metric].subarray(0, series.length);
}

export function latest(series: Series | undefined, metric: StepMetric): number | undefined {
  if (series === undefined) return undefined;
  for (let index = series.length - 1; index >= 0; index -= 1) {
    const value = series.values[metric][index];
    if (value !== undefined && !Number.isNaN(value)) return value;
  }
  return undefined;
}

/** Exponential moving average, bias-corrected; NaN stays NaN and does not disturb its neighbours. */
export function smoothed(values: Float64Array, weight: number): Float64Array {
  if (weight <= 0) return values;
  const result = new Float64Array(values.length);
  let sum = 0;
  let mass = 0;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? NaN;
    if (Number.isNaN(value)) {
      result[index] = NaN;
      continue;
    }
    sum = weight * sum + (1 - weight) * value;
    mass = weight * mass + (1 - weight);
    result[index] = sum / mass;
  }
  return result;
}
