/**
 * How logit margins and the mass on non-target tokens are spread over answer tokens. A model's values
 * are kept as counts in fine bins, so that they can be stored, and drawn on one axis for models that
 * were measured at different times. The mass is binned by its decimal logarithm: SFT moves it through
 * orders of magnitude, and what is left of it is the gradient (dL/dz of a wrong token is its mass).
 */
import type { TokenDistributions, TokenSpread } from '../../contract/comparison.ts';

/** Of margins, in logits. */
const fineMargin = 0.25;
/** Of the mass's logarithm; below 1e-7 single precision holds no digits. */
const fineMass = 0.25;
const lowestMass = -7;
const mostBins = 40;

export interface SpreadValues {
  mean: number;
  median: number;
  /** Number of the bin (value / width, rounded down) and tokens in it. */
  bins: [number, number][];
}

export interface MeasuredTokens {
  tokens: number;
  margin: SpreadValues;
  mass: SpreadValues;
}

/** @param losses cross-entropy of each answer token: its mass on others is 1 - exp(-loss) */
export function tokenSpread(margins: readonly number[], losses: readonly number[]): MeasuredTokens {
  const masses = losses.map((loss) => Math.max(0, -Math.expm1(-loss)));
  return {
    tokens: margins.length,
    margin: spreadOf(margins, (value) => Math.floor(value / fineMargin)),
    mass: spreadOf(masses, (value) =>
      Math.floor(Math.min(-1e-9, Math.max(lowestMass, Math.log10(value))) / fineMass),
    ),
  };
}

function spreadOf(values: readonly number[], binOf: (value: number) => number): SpreadValues {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(binOf(value), (counts.get(binOf(value)) ?? 0) + 1);
  const sorted = Float64Array.from(values).sort();
  const middle = (sorted.length - 1) / 2;
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    median: (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2,
    bins: [...counts].sort(([a], [b]) => a - b),
  };
}

/** All models on the same axes; margins in bins of equal width, 40 at most. */
export function sharedAxes(
  models: readonly (MeasuredTokens | null)[],
): Pick<TokenDistributions, 'marginEdges' | 'massEdges' | 'models'> {
  const margins = models.flatMap((model) => model?.margin.bins.map(([bin]) => bin) ?? []);
  const [low, high] = [Math.min(0, ...margins), Math.max(0, ...margins) + 1];
  let joined = 1;
  while (Math.ceil(high / joined) - Math.floor(low / joined) > mostBins) joined *= 2;
  const first = Math.floor(low / joined);
  const marginBins = Math.ceil(high / joined) - first;
  const massBins = -lowestMass / fineMass;
  return {
    marginEdges: edges(marginBins, first, joined * fineMargin),
    massEdges: edges(massBins, lowestMass / fineMass, fineMass),
    models: models.map(
      (model) =>
        model && {
          tokens: model.tokens,
          margin: onAxis(model.margin, marginBins, (bin) => Math.floor(bin / joined) - first),
          mass: onAxis(model.mass, massBins, (bin) => bin - lowestMass / fineMass),
        },
    ),
  };
}

function edges(bins: number, first: number, width: number): number[] {
  return Array.from({ length: bins + 1 }, (_, edge) => (first + edge) * width);
}

function onAxis(
  { mean, median, bins }: SpreadValues,
  length: number,
  placeOf: (bin: number) => number,
): TokenSpread {
  const counts = Array.from({ length }, () => 0);
  for (const [bin, tokens] of bins) counts[placeOf(bin)]! += tokens;
  return { mean, median, counts };
}
