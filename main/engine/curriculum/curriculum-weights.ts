/**
 * The curriculum of a configuration: entropies -> weights by the scheme it names, and what each of
 * alpha, beta and gamma brings. For `discrepancy` the three are parts of a sum; `brownboost` multiplies
 * difficulty^alpha, trend^beta and timePenalty^gamma, so there they count by how far each moves the
 * weight, |exponent x ln(factor)|. Under `uniform`, the control, they have no say.
 */
import type { CurriculumPreview } from '../../contract/artifacts.ts';
import type { CurriculumConfig } from '../../contract/config.ts';
import { StudioError } from '../../contract/errors.ts';
import { BROWNBOOST_DEFAULTS, brownboostWeights } from './brownboost.ts';
import { discrepancyWeights } from './discrepancy.ts';
import { curriculumOutlook, termShares } from './effective-sample-size.ts';
import { resample, samplingProbabilities } from './resample.ts';

export interface CurriculumWeights {
  /** `[N]`, sum 1, or all 0 when no term applies to any sample. */
  weights: Float64Array;
  /** What alpha, beta and gamma bring to each weight, `[N]` each, not negative. */
  terms: readonly [Float64Array, Float64Array, Float64Array];
}

/**
 * @param entropies nats, `[N]` each: base, SFT, and for brownboost a third model
 * @throws entropy-invalid, curriculum-invalid
 */
export function curriculumWeights(
  entropies: readonly Float64Array[],
  { scheme, alpha, beta, gamma }: Pick<CurriculumConfig, 'scheme' | 'alpha' | 'beta' | 'gamma'>,
): CurriculumWeights {
  const [first, second, third] = entropies;
  if (!first || !second || (scheme === 'brownboost' && !third)) {
    throw new StudioError(
      'curriculum-invalid',
      `The scheme ${scheme} needs the entropies of ${scheme === 'brownboost' ? 3 : 2} models.`,
      'Measure the missing ones, or choose another scheme.',
    );
  }
  if (scheme === 'uniform') {
    const none = new Float64Array(first.length);
    return { weights: none.map(() => 1 / first.length), terms: [none, none, none] };
  }
  if (scheme === 'discrepancy') {
    const { weights, terms } = discrepancyWeights(first, second, { alpha, beta, gamma });
    return { weights, terms: [terms.uncertain, terms.consolidated, terms.regressed] };
  }
  const parameters = { ...BROWNBOOST_DEFAULTS, alpha, beta, gamma };
  const result = brownboostWeights([first, second, third!], parameters);
  const effect = (factors: Float64Array, exponent: number) =>
    factors.map((factor) => Math.abs(exponent * Math.log(factor)));
  return {
    weights: result.weights,
    terms: [
      effect(result.difficulty, alpha),
      effect(result.trend, beta),
      effect(result.timePenalty, gamma),
    ],
  };
}

/** What training on this curriculum would see; the draws are the very ones of the run. */
export function previewCurriculum(
  entropies: readonly Float64Array[],
  config: CurriculumConfig,
): CurriculumPreview {
  const { weights, terms } = curriculumWeights(entropies, config);
  const { size, indices, isUniform } = resample(weights, config.multiplier, config.seed);
  const { probabilities } = samplingProbabilities(weights);
  const drawn = new Uint32Array(weights.length);
  for (const row of indices) drawn[row]!++;
  const [alpha, beta, gamma] = terms;
  const shares = termShares({ alpha, beta, gamma });
  const { effectiveSampleSize } = curriculumOutlook(probabilities, size);
  const warnings = isUniform ? ['No term applies to any sample, so all are equally likely.'] : [];
  return {
    weights: probabilities,
    dominantTerm: Uint8Array.from(alpha, (_, row) => {
      const most = Math.max(alpha[row]!, beta[row]!, gamma[row]!);
      return terms.findIndex((term) => term[row] === most);
    }),
    drawn,
    size,
    effectiveSampleSize,
    termShares: [shares.alpha, shares.beta, shares.gamma],
    neverDrawn: drawn.filter((count) => count === 0).length,
    warnings,
  };
}
