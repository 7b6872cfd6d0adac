/**
 * What one pass over a row of logits yields, for each answer token: cross-entropy, entropy, logit
 * margin; and for two models the divergence. Natural logarithms, f32. Inside an island.
 *   cross-entropy = logsumexp(z) - z_y            entropy = logsumexp(z) - sum_v p_v z_v
 *   margin = z_y - (sum_v z_v - z_y) / (V - 1)    KL(s||w) = sum_v s_v (log s_v - log w_v)
 * The reference adds 1e-12 inside the entropy's logarithm; the difference is below V * 1e-12.
 */
import { scopeOf, type Value } from '../graph/scope.ts';
import { iota } from '../graph/ops/constant.ts';
import {
  add, divide, equal, exp, log, multiply, select, subtract,
} from '../graph/ops/elementwise.ts'; // prettier-ignore
import { rowMaximum, rowSum } from '../graph/ops/row-reductions.ts';
import { reshape } from '../graph/ops/shape.ts';

export interface Distribution {
  /** z - peak, [C, V] */
  shifted: Value;
  /** exp(z - peak), [C, V] */
  weights: Value;
  /** Sum of the weights, [C, 1] */
  total: Value;
  /** [C] each */
  logNormaliser: Value;
  /** The logarithm of `total`: the normaliser of `shifted`. */
  logTotal: Value;
  crossEntropy: Value;
  entropy: Value;
  margin: Value;
}

/** Which column of each row is the label, bool [C, V]. */
export function labelColumns(labels: Value, vocabulary: number): Value {
  const count = labels.shape[0]!;
  const columns = reshape(iota(scopeOf(labels), vocabulary), [1, vocabulary]);
  return equal(reshape(labels, [count, 1]), columns);
}

/** logits [C, V] f32. Divisions are made once a row: a quotient of every element would be stored. */
export function distribution(logits: Value, isLabel: Value): Distribution {
  const [count, vocabulary] = logits.shape as [number, number];
  // Everything but the normaliser is measured from the peak: no digits are lost to large logits.
  const peak = rowMaximum(logits);
  const shifted = subtract(logits, peak);
  const weights = exp(shifted);
  const total = rowSum(weights);
  const logTotal = reshape(log(total), [count]);
  const target = reshape(rowSum(select(isLabel, shifted, 0)), [count]);
  const all = reshape(rowSum(shifted), [count]);
  const meanShifted = reshape(divide(rowSum(multiply(weights, shifted)), total), [count]);
  return {
    shifted,
    weights,
    total,
    logTotal,
    logNormaliser: add(logTotal, reshape(peak, [count])),
    crossEntropy: subtract(logTotal, target),
    entropy: subtract(logTotal, meanShifted),
    margin: subtract(target, divide(subtract(all, target), vocabulary - 1)),
  };
}

/** KL(strong || weak) = sum_v s_v z^s_v - log Z_s - (sum_v s_v z^w_v - log Z_w), [C]. */
export function divergence(
  strong: Distribution,
  weak: Distribution,
  strongLogits: Value,
  weakLogits: Value,
): Value {
  const gaps = rowSum(multiply(strong.weights, subtract(strongLogits, weakLogits)));
  const gap = reshape(divide(gaps, strong.total), strong.logNormaliser.shape);
  return add(gap, subtract(weak.logNormaliser, strong.logNormaliser));
}
