/**
 * numpy's `sum`, `std` and `quantile` of doubles, to the last bit: sums are pairwise (blocks of up to
 * 128 in eight running sums, larger ones halved), not left to right. A probability that differs in its
 * last bit can move a draw to the neighbouring row, so the order of additions matters.
 */
const BLOCK = 128;

export function numpySum(values: Float64Array): number {
  return 0 + pairwise(values, 0, values.length);
}

/** Population standard deviation (numpy's default). NaN for no values. */
export function numpyStandardDeviation(values: Float64Array): number {
  const mean = numpySum(values) / values.length;
  const squares = values.map((value) => (value - mean) * (value - mean));
  return Math.sqrt(numpySum(squares) / values.length);
}

/** `quantile(values, q)` with linear interpolation, q from 0 to 1; `values` must not be empty. */
export function numpyQuantile(values: Float64Array, q: number): number {
  const sorted = values.slice().sort();
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  const fraction = position - below;
  const distance = high - low;
  return fraction < 0.5 ? low + distance * fraction : high - distance * (1 - fraction);
}

function pairwise(values: Float64Array, start: number, count: number): number {
  if (count > BLOCK) {
    const half = Math.floor(count / 2);
    const first = half - (half % 8);
    return pairwise(values, start, first) + pairwise(values, start + first, count - first);
  }
  let sum = 0;
  let index = start;
  const end = start + count;
  if (count >= 8) {
    const lanes = values.slice(index, index + 8);
    for (index += 8; index + 8 <= end; index += 8) {
      for (let lane = 0; lane < 8; lane++) lanes[lane]! += values[index + lane]!;
    }
    const [a, b, c, d, e, f, g, h] = lanes as unknown as Lanes;
    sum = a + b + (c + d) + (e + f + (g + h));
  }
  for (; index < end; index++) sum += values[index]!;
  return sum;
}

type Lanes = [number, number, number, number, number, number, number, number];
