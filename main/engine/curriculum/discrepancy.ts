/**
 * Weak-driven discrepancy selection (WMSS section 3; the reference calls it "adaboost"). With
 * d = H1 - H0, the change of a sample's entropy from the base to the SFT model:
 *   p = alpha H0 / sum H0  +  beta max(-d, 0) / sum max(-d, 0)  +  gamma max(d, 0) / sum max(d, 0)
 * normalised to 1. alpha: uncertain from the start; beta: being consolidated; gamma: regressed.
 * An empty denominator counts as 1e-12. Operations and their order are numpy's, to the last bit.
 */
import { checkEntropies, checkParameters } from './check-entropies.ts';
import { numpySum } from './numpy-sum.ts';

const EPSILON = 1e-12;

export interface DiscrepancyParameters {
  alpha: number;
  beta: number;
  gamma: number;
}

export interface DiscrepancyWeights {
  /** H1 - H0 in nats, `[N]`. */
  delta: Float64Array;
  /** The three denominators. */
  normalizers: { uncertain: number; consolidated: number; regressed: number };
  /** Each term's part of the weight, `[N]`; their sum is `weights`. */
  terms: { uncertain: Float64Array; consolidated: Float64Array; regressed: Float64Array };
  /** `[N]`, sum 1; all 0 when no term applies to any sample. */
  weights: Float64Array;
}

/**
 * @param entropy0 per sample, of the base model, nats, `[N]`
 * @param entropy1 the same after SFT, `[N]`
 * @throws entropy-invalid, curriculum-invalid
 */
export function discrepancyWeights(
  entropy0: Float64Array,
  entropy1: Float64Array,
  { alpha, beta, gamma }: DiscrepancyParameters,
): DiscrepancyWeights {
  checkEntropies([entropy0, entropy1]);
  checkParameters({ alpha, beta, gamma });
  const delta = entropy1.map((value, row) => value - entropy0[row]!);
  const normalizers = {
    uncertain: numpySum(entropy0) || EPSILON,
    consolidated: numpySum(delta.filter((d) => d < 0).map((d) => -d)) || EPSILON,
    regressed: numpySum(delta.filter((d) => d > 0)) || EPSILON,
  };
  const terms = {
    uncertain: entropy0.map((h) => alpha * (h / normalizers.uncertain)),
    consolidated: delta.map((d) => (d < 0 ? beta * (-d / normalizers.consolidated) : 0)),
    regressed: delta.map((d) => (d > 0 ? gamma * (d / normalizers.regressed) : 0)),
  };
  const raw = terms.uncertain.map((uncertain, row) =>
    Math.max(uncertain + terms.consolidated[row]! + terms.regressed[row]!, 0),
  );
  const total = numpySum(raw);
  const divisor = total > 0 ? total : EPSILON;
  const normalise = (values: Float64Array) => values.map((value) => value / divisor);
  return {
    delta,
    normalizers,
    terms: {
      uncertain: normalise(terms.uncertain),
      consolidated: normalise(terms.consolidated),
      regressed: normalise(terms.regressed),
    },
    weights: normalise(raw),
  };
}
