/**
 * Rows of logits of a weak and a strong model, mixed (WD-JT, equation 3):
 *   z = (1 - lambda) z_weak + lambda z_strong
 * and what is read off them. The gradient on the strong logits is proportional to the mass on wrong
 * tokens, so its ratio with and without mixing is how much mixing amplifies the gradient.
 */
import { candidates } from './sampling.ts';

export interface LogitCandidate {
  id: number;
  logit: number;
  /** Among all tokens. */
  probability: number;
}

/** Each value is rounded to f32 once. */
export function mixLogits(weak: Float32Array, strong: Float32Array, lambda: number): Float32Array {
  return strong.map((logit, index) => (1 - lambda) * weak[index]! + lambda * logit);
}

/** The `count` most likely tokens of a row, best first. */
export function topTokens(logits: Float32Array, count: number): LogitCandidate[] {
  const best = candidates(logits, { temperature: 1, topP: 1, topK: count });
  const total = logSumExp(logits);
  return best.map(({ id }) => candidateOf(logits, id, total));
}

export function candidateOf(
  logits: Float32Array,
  id: number,
  total = logSumExp(logits),
): LogitCandidate {
  const logit = logits[id]!;
  return { id, logit, probability: Math.exp(logit - total) };
}

/** Probability mass on all tokens but the label, summed over those: exact where it is next to 0. */
export function wrongTokenMass(logits: Float32Array, label: number): number {
  const peak = largest(logits);
  let wrong = 0;
  for (let id = 0; id < logits.length; id++) {
    if (id !== label) wrong += Math.exp(logits[id]! - peak);
  }
  return wrong / (wrong + Math.exp(logits[label]! - peak));
}

/** Mass on wrong tokens under the mixture over that under the strong model, at each lambda. */
export function amplificationCurve(
  weak: Float32Array,
  strong: Float32Array,
  label: number,
  lambdas: readonly number[],
): number[] {
  const own = wrongTokenMass(strong, label);
  return lambdas.map((lambda) => wrongTokenMass(mixLogits(weak, strong, lambda), label) / own);
}

/** log(sum(exp(z))), safe for large z. */
function logSumExp(logits: Float32Array): number {
  const peak = largest(logits);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - peak);
  return peak + Math.log(sum);
}

function largest(logits: Float32Array): number {
  let peak = -Infinity;
  for (const logit of logits) if (logit > peak) peak = logit;
  return peak;
}
