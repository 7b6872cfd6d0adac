/**
 * What a chart of some width can show of very many points: groups of steps as two points, the smallest
 * and the largest value in the order in which they came. Nothing that sticks out is lost, unlike by
 * picking points, and drawing costs the width of the chart instead of the length of the run. Groups are
 * powers of two and start at multiples of their size, so that a growing curve does not shimmer.
 */
import type { ChartData } from './chart-data.ts';

export interface StepRange {
  min: number;
  max: number;
}

/** Index of the first step that is at least `step`. */
export function indexOfStep(x: Float64Array, step: number): number {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((x[middle] ?? Infinity) < step) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The points of a range, and one beyond at either end, for a chart of `width` pixels. */
export function envelope(data: ChartData, range: StepRange | null, width: number): ChartData {
  const { x, raw, shown } = data;
  const from = range === null ? 0 : Math.max(0, indexOfStep(x, range.min) - 1);
  const to = range === null ? x.length : Math.min(x.length, indexOfStep(x, range.max) + 2);
  const size = 2 ** Math.ceil(Math.log2(Math.max(1, (to - from) / Math.max(1, width))));
  const borders = size <= 2 ? null : bordersOf(from, to, size);
  const draw = (values: Float64Array): Float64Array =>
    borders === null ? values.subarray(from, to) : extremes(values, borders);
  const drawn = shown.map(draw);
  return {
    x: borders === null ? x.subarray(from, to) : Float64Array.from(borders, (index) => x[index]!),
    shown: drawn,
    // Without smoothing these are the same arrays.
    raw: raw.map((values, curve) => (values === shown[curve] ? drawn[curve]! : draw(values))),
  };
}

/** First and last index of each group, one after the other. */
function bordersOf(from: number, to: number, size: number): number[] {
  const borders: number[] = [];
  for (let start = from; start < to;) {
    const end = Math.min(to, (Math.floor(start / size) + 1) * size);
    borders.push(start, end - 1);
    start = end;
  }
  return borders;
}

/** For each group its smallest and its largest value; NaN where there is none. */
function extremes(values: Float64Array, borders: number[]): Float64Array {
  const found = new Float64Array(borders.length);
  for (let group = 0; group < borders.length; group += 2) {
    const last = borders[group + 1]!;
    let low = -1;
    let high = -1;
    for (let index = borders[group]!; index <= last; index += 1) {
      const value = values[index]!;
      if (Number.isNaN(value)) continue;
      if (low < 0 || value < values[low]!) low = index;
      if (high < 0 || value > values[high]!) high = index;
    }
    found[group] = low < 0 ? NaN : values[Math.min(low, high)]!;
    found[group + 1] = low < 0 ? NaN : values[Math.max(low, high)]!;
  }
  return found;
}
