/**
 * What a reader must not conclude from a report, in plain words: each limit is there only when the
 * run's own numbers give rise to it.
 */
import type { RunConfig } from '../../contract/config.ts';
import type { RunReport } from '../../contract/report.ts';
import { count, percent, significant } from './number-text.ts';

type Facts = Pick<RunReport, 'evaluation' | 'data' | 'training' | 'run'>;

export function limitsOf(report: Facts, config: RunConfig | null): string[] {
  const limits: (string | null)[] = [];
  if (report.evaluation && config) {
    limits.push(
      `One run with one seed (${config.seed}). How much the result varies with the order of the data was not measured; the intervals cover the choice of held-out items only.`,
    );
  }
  limits.push(
    ...comparisonLimits(report, config),
    ...heldOutLimits(report, config),
    ...dataLimits(report),
  );
  return limits.filter((limit) => limit !== null);
}

function comparisonLimits({ evaluation }: Facts, config: RunConfig | null): (string | null)[] {
  if (!evaluation?.comparisons.some(({ candidate }) => candidate === 'weak-driven')) return [];
  const { reference, equalSteps, stepCost } = evaluation;
  const steps =
    reference === 'sft'
      ? 'There is no SFT baseline at equal steps: part of any difference may come from training longer (set baseline: true).'
      : equalSteps === false
        ? 'Joint training and the SFT baseline took different numbers of steps.'
        : null;
  const cost =
    stepCost === undefined || reference !== 'baseline'
      ? null
      : stepCost > 1.05 || stepCost < 0.95
        ? `Equal steps are not equal compute: a joint step took ${significant(stepCost, 3)} times as long as a step of plain SFT on this machine.`
        : null;
  const mixture =
    reference === 'baseline'
      ? 'Joint training saw the rows that the curriculum drew, the baseline shuffled passes over all rows: the difference is that of curriculum and logit mixing together.'
      : null;
  const weak = config && !config.joint.freezeWeak ? trainedWeak : null;
  return [steps, cost, mixture, weak];
}

const trainedWeak =
  'The weak agent was trained along (joint.freezeWeak: false), so it changed while it was mixed in; only the strong model was kept and evaluated.';

function heldOutLimits({ evaluation, data }: Facts, config: RunConfig | null): (string | null)[] {
  if (evaluation === null) return [];
  const most = Math.max(0, ...evaluation.models.map(({ items }) => items));
  const cut = evaluation.models.filter(({ cutOff }) => (cutOff ?? 0) > 0);
  const list = cut.map(({ label, cutOff, items }) => `${label} ${percent(cutOff! / items)}`);
  return [
    'Answers were generated greedily and scored by comparing the final answer; other tasks, sampling and the quality of the reasoning were not measured.',
    most > 0 && most < 200
      ? `With ${count(most)} held-out items only large differences can be seen.`
      : null,
    cut.length > 0 && config
      ? `Answers that were cut off at ${count(config.evaluation.maxNewTokens)} new tokens, and may count as wrong for that reason: ${list.join(', ')}.`
      : null,
    data?.heldOutSeen
      ? `${count(data.heldOutSeen)} of ${count(data.heldOutRows)} held-out prompts are also training prompts, so accuracy overstates what was learnt beyond them.`
      : null,
  ];
}

function dataLimits({ data }: Facts): (string | null)[] {
  if (data === null) return [];
  const { truncated, leftOut, rows } = data;
  return [
    truncated > 0
      ? `${count(truncated)} of ${count(rows)} training rows (${percent(truncated / rows)}) were longer than the limit and lost their end.`
      : null,
    leftOut > 0
      ? `${count(leftOut)} of ${count(rows)} rows could not be used and were left out.`
      : null,
  ];
}
