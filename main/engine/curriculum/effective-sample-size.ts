/**
 * What a curriculum will do to the data, before any row is drawn: how concentrated it is, how many
 * rows will never be seen, and which of the three discrepancy terms decides.
 * Effective sample size is Kish's, 1 / sum p^2: N for equal probabilities, 1 when one row has it all.
 */
export interface CurriculumOutlook {
  effectiveSampleSize: number;
  /** Expected number of different rows among the draws. */
  expectedDistinct: number;
  /** Expected share of the rows that are never drawn, 0 to 1. */
  neverDrawn: number;
  /** The largest expected number of times that one row is drawn. */
  mostDraws: number;
}

/** @param probabilities `[N]`, sum 1; @param size number of draws with replacement */
export function curriculumOutlook(probabilities: Float64Array, size: number): CurriculumOutlook {
  let squares = 0;
  let never = 0;
  let largest = 0;
  for (const p of probabilities) {
    squares += p * p;
    // (1 - p)^size, exact for tiny p as well.
    never += Math.exp(size * Math.log1p(-p));
    largest = Math.max(largest, p);
  }
  const rows = probabilities.length;
  return {
    effectiveSampleSize: 1 / squares,
    expectedDistinct: rows - never,
    neverDrawn: never / rows,
    mostDraws: largest * size,
  };
}

/** The share of all weight that each term brings, 0 to 1; all 0 when there is no weight. */
export function termShares<Term extends string>(
  terms: Readonly<Record<Term, Float64Array>>,
): Record<Term, number> {
  const names = Object.keys(terms) as Term[];
  const sums = names.map((name) => terms[name].reduce((sum, value) => sum + value, 0));
  const total = sums.reduce((sum, value) => sum + value, 0);
  const shares = names.map((name, index) => [name, total > 0 ? sums[index]! / total : 0] as const);
  return Object.fromEntries(shares) as Record<Term, number>;
}
