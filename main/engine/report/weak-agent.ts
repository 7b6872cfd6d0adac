/**
 * Why this weak agent, in words: how much less certain it is than the strong model it is mixed with, and
 * what mixing did to the gradient. A weak agent that is as certain as the strong one, or a mixture with
 * less mass on wrong tokens, speaks against the choice and is said as plainly.
 */
import { basename } from 'node:path';
import type { RunConfig } from '../../contract/config.ts';
import type {
  ReportedCheckpoint,
  ReportedCurriculum,
  ReportedCurve,
  ReportedEvaluation,
  ReportedTraining,
  ReportedWeakAgent,
} from '../../contract/report.ts';
import type { StepMetric } from '../../contract/runs.ts';
import { significant } from './number-text.ts';

export interface WeakAgentFacts {
  config: RunConfig;
  curriculum: ReportedCurriculum | null;
  checkpoints: readonly ReportedCheckpoint[];
  evaluation: ReportedEvaluation | null;
  joint: ReportedTraining | undefined;
}

export function explainWeakAgent(facts: WeakAgentFacts): ReportedWeakAgent {
  const { weak, joint } = facts.config;
  const reasons = [
    `It was chosen in the configuration (weak: ${weak}); the run did not search among candidates.`,
    entropyGap(facts),
    heldOutGap(facts),
    distance(facts.joint),
    amplification(facts.joint, joint.lambda),
  ];
  return {
    weak,
    label: labelOf(facts),
    reasons: reasons.filter((reason) => reason !== null),
    frozen: joint.freezeWeak,
    lambda: joint.lambda,
    source: facts.joint?.source ?? { file: 'config.json' },
  };
}

function labelOf({ config, checkpoints }: WeakAgentFacts): string {
  const { weak } = config;
  if (weak === 'base') return 'the base model, before any training';
  const step = /^checkpoint:(\d+)$/.exec(weak)?.[1];
  if (step === undefined) return `the model in ${basename(weak)}`;
  const last = Math.max(0, ...checkpoints.filter(isSft).map((checkpoint) => checkpoint.step));
  const share = last >= Number(step) && last > 0 ? ` of ${last}` : '';
  return `the historical checkpoint at step ${step}${share} of this run's SFT`;
}

/** Only the base's entropies over the training rows are measured, besides the strong model's. */
function entropyGap({ config, curriculum }: WeakAgentFacts): string | null {
  if (config.weak !== 'base' || curriculum === null) return null;
  const { meanEntropy0: weak, meanEntropy1: strong } = curriculum;
  const gap = significant(Math.abs(weak - strong));
  const figures =
    `Over the training answers its mean entropy is ${significant(weak)} nats, ` +
    `that of the strong model at the start of joint training ${significant(strong)}`;
  return weak > strong
    ? `${figures}: it is less certain by ${gap} nats, and still considers answers that the strong model no longer does.`
    : `${figures}: it is more certain by ${gap} nats, so there is little that mixing could bring back. An earlier or less trained model would be the better choice.`;
}

function heldOutGap({ config, evaluation, checkpoints }: WeakAgentFacts): string | null {
  const models = evaluation?.models ?? [];
  if (config.weak === 'base') {
    const weak = models.find(({ model }) => model === 'base');
    const strong = models.find(({ model }) => model === 'sft');
    if (!weak || !strong) return null;
    return `On held-out rows its loss is ${significant(weak.loss)} nats per answer token, against ${significant(strong.loss)} of the strong model before joint training.`;
  }
  const weak = checkpoints.find((checkpoint) => checkpoint.isWeakAgent);
  const strong = checkpoints.filter(isSft).at(-1);
  if (weak?.heldOutEntropy === undefined || strong?.heldOutEntropy === undefined) return null;
  return `On ${weak.heldOutItems ?? 'the'} held-out rows its entropy is ${significant(weak.heldOutEntropy)} nats and its loss ${significant(weak.heldOutLoss)}; at the end of SFT (step ${strong.step}) they are ${significant(strong.heldOutEntropy)} and ${significant(strong.heldOutLoss)}.`;
}

function distance(joint: ReportedTraining | undefined): string | null {
  const weak = edgesOf(joint, 'weakEntropy');
  const strong = edgesOf(joint, 'strongEntropy');
  if (!weak || !strong) return null;
  return `In the first tenth of joint training the weak agent's entropy was ${significant(weak.first)} nats and the strong model's ${significant(strong.first)}; in the last tenth ${significant(weak.last)} and ${significant(strong.last)}.`;
}

function amplification(joint: ReportedTraining | undefined, lambda: number): string | null {
  const edges = edgesOf(joint, 'gradientAmplification');
  if (!edges) return null;
  const effect =
    edges.mean > 1
      ? `Mixing multiplied the probability mass on wrong tokens, which drives the strong model's gradient, by ${significant(edges.mean, 3)} on average`
      : `Mixing reduced the probability mass on wrong tokens to ${significant(edges.mean, 3)} of the strong model's own on average, the opposite of what the method is for`;
  return `${effect} (${significant(edges.first, 3)} in the first tenth of the steps, ${significant(edges.last, 3)} in the last), before the loss's factor λ = ${lambda}.`;
}

function edgesOf(
  training: ReportedTraining | undefined,
  metric: StepMetric,
): { first: number; last: number; mean: number } | null {
  const curve = training?.curves.find((one: ReportedCurve) => one.metric === metric);
  if (!curve || curve.mean.length === 0) return null;
  const tenth = Math.max(1, Math.round(curve.mean.length / 10));
  return {
    first: mean(curve.mean.slice(0, tenth)),
    last: mean(curve.mean.slice(-tenth)),
    mean: mean(curve.mean),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function isSft({ stage }: ReportedCheckpoint): boolean {
  return stage === 'sft';
}
