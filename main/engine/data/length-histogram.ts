/** Token lengths as a histogram of at most 24 bins of one round width; the last edge is inclusive. */
export function lengthHistogram(lengths: readonly number[]): { edges: number[]; counts: number[] } {
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  if (longest === 0) return { edges: [], counts: [] };
  const width = roundWidth(longest / 24);
  const bins = Math.ceil(longest / width);
  const counts = Array.from({ length: bins }, () => 0);
  for (const length of lengths) counts[Math.min(bins - 1, Math.floor(length / width))]! += 1;
  return { edges: Array.from({ length: bins + 1 }, (_, bin) => bin * width), counts };
}

/** The smallest of 1, 2, 5, 10, 20, 50... that is not below. */
function roundWidth(width: number): number {
  for (let power = 1; ; power *= 10) {
    for (const digit of [1, 2, 5]) if (digit * power >= width) return digit * power;
  }
}
