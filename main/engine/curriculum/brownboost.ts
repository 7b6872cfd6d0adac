/**
 * The reference's second curriculum, after BrownBoost: samples that are hard now and improving weigh
 * more, samples that stayed hard or stayed easy for too many rounds weigh less. Per sample, from the
 * entropies H0, H1, H2 of three checkpoints, thresholds = quantiles of H2, eps = 1e-8:
 *   difficulty  = clip((H2 - easy) / (hard - easy + eps), 0, 1) + eps
 *   trend       = clip(1 + 0.5 (H0 - H2) / (std(H0 - H2) + eps), 0.1, 10)
 *   timePenalty = exp(-lambdaTime max(0, hardRounds - patience)), easyPenalty likewise
 *   weight      ~ max(difficulty^alpha trend^beta timePenalty^gamma easyPenalty, eps)
 */
import { StudioError } from '../../contract/errors.ts';
import { checkEntropies, checkParameters } from './check-entropies.ts';
import { numpyQuantile, numpyStandardDeviation, numpySum } from './numpy-sum.ts';

const EPSILON = 1e-8;

export interface BrownboostParameters {
  alpha: number;
  beta: number;
  gamma: number;
  easyQuantile: number;
  hardQuantile: number;
  /** Rounds that may be hard before the time penalty starts. */
  patience: number;
  easyPatience: number;
  lambdaTime: number;
  lambdaEasy: number;
}

/** The reference's, for everything but alpha, beta and gamma. */
export const BROWNBOOST_DEFAULTS = {
  easyQuantile: 0.2,
  hardQuantile: 0.8,
  patience: 2,
  easyPatience: 2,
  lambdaTime: 1,
  lambdaEasy: 1,
} as const;

/** Arrays are `[N]`. */
export interface BrownboostWeights {
  easyThreshold: number;
  hardThreshold: number;
  /** Includes the eps. */
  improvementDeviation: number;
  difficulty: Float64Array;
  improvement: Float64Array;
  trend: Float64Array;
  hardRounds: Float64Array;
  timePenalty: Float64Array;
  easyRounds: Float64Array;
  easyPenalty: Float64Array;
  raw: Float64Array;
  /** Sum 1. */
  weights: Float64Array;
}

/**
 * @param entropies nats, `[N]` each: base, SFT, and a later checkpoint
 * @throws entropy-invalid, curriculum-invalid
 */
export function brownboostWeights(
  entropies: readonly [Float64Array, Float64Array, Float64Array],
  parameters: BrownboostParameters,
): BrownboostWeights {
  checkEntropies(entropies);
  checkParameters({ ...parameters });
  const { alpha, beta, gamma, easyQuantile, hardQuantile } = parameters;
  if (easyQuantile > hardQuantile || hardQuantile > 1) {
    throw new StudioError(
      'curriculum-invalid',
      `The quantiles ${easyQuantile} (easy) and ${hardQuantile} (hard) are not in order from 0 to 1.`,
      'Use for example 0.2 and 0.8.',
    );
  }
  const [first, , last] = entropies;
  const easyThreshold = numpyQuantile(last, easyQuantile);
  const hardThreshold = numpyQuantile(last, hardQuantile);
  const range = hardThreshold - easyThreshold + EPSILON;
  const difficulty = last.map((h) => clip((h - easyThreshold) / range, 0, 1) + EPSILON);

  const improvement = first.map((h, row) => h - last[row]!);
  const improvementDeviation = numpyStandardDeviation(improvement) + EPSILON;
  const trend = improvement.map((value) => clip(1 + 0.5 * (value / improvementDeviation), 0.1, 10));

  const rounds = (counts: (entropy: number) => boolean) =>
    first.map((_, row) => entropies.filter((values) => counts(values[row]!)).length);
  const penalty = (count: Float64Array, lambda: number, patience: number) =>
    count.map((value) => Math.exp(-lambda * Math.max(0, value - patience)));
  const hardRounds = rounds((entropy) => entropy > hardThreshold);
  const timePenalty = penalty(hardRounds, parameters.lambdaTime, parameters.patience);
  const easyRounds = rounds((entropy) => entropy < easyThreshold);
  const easyPenalty = penalty(easyRounds, parameters.lambdaEasy, parameters.easyPatience);

  const raw = difficulty.map((value, row) =>
    Math.max(
      value ** alpha * trend[row]! ** beta * timePenalty[row]! ** gamma * easyPenalty[row]!,
      EPSILON,
    ),
  );
  const total = numpySum(raw);
  return {
    easyThreshold,
    hardThreshold,
    improvementDeviation,
    difficulty,
    improvement,
    trend,
    hardRounds,
    timePenalty,
    easyRounds,
    easyPenalty,
    raw,
    weights: raw.map((value) => value / total),
  };
}

function clip(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
