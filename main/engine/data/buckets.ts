/**
 * Bucket lengths: the few row lengths T for which programs are compiled. Rows are padded up to one,
 * so more buckets mean less padding and more compiling. Lengths are multiples of 16, above 256 of 64.
 */
import { StudioError } from '../../contract/errors.ts';

const maxBuckets = 4;

/** The smallest bucket that holds `length` tokens. `buckets` ascend. */
export function bucketFor(length: number, buckets: readonly number[]): number {
  const bucket = buckets.find((candidate) => candidate >= length);
  if (bucket === undefined) {
    throw new RangeError(`no bucket of ${buckets.join(', ')} holds ${length} tokens`);
  }
  return bucket;
}

/**
 * Up to four (or `count`) ascending lengths that pad `lengths` (token counts, none above `maxLength`) the
 * least when each example has a row of its own. The last may exceed maxLength by rounding, never by 64.
 */
export function makeBuckets(
  lengths: readonly number[],
  maxLength: number,
  count: number = maxBuckets,
): number[] {
  const counts = new Map<number, number>();
  for (const length of lengths) {
    if (length > maxLength) throw new RangeError(`${length} tokens, more than ${maxLength}`);
    const rounded = roundUp(length);
    counts.set(rounded, (counts.get(rounded) ?? 0) + 1);
  }
  const sizes = [...counts.keys()].sort((left, right) => left - right);
  if (sizes.length === 0) {
    throw new StudioError(
      'data-empty',
      'There are no examples to train on.',
      'Check the data file.',
    );
  }
  return leastPadding(sizes, (size) => counts.get(size)!, count);
}

/**
 * Row lengths when rows are packed with several examples: the longest row is about four examples of
 * mean length (so that little of it stays empty) but not above maxLength, a half and a quarter of it
 * serve the remainders.
 */
export function makePackingBuckets(lengths: readonly number[], maxLength: number): number[] {
  if (lengths.length === 0) return makeBuckets(lengths, maxLength);
  let longest = 1;
  let sum = 0;
  for (const length of lengths) {
    longest = Math.max(longest, length);
    sum += length;
  }
  const wanted = Math.max(longest, Math.min(maxLength, (4 * sum) / lengths.length));
  const largest = roundUp(wanted);
  return [...new Set([roundUp(largest / 4), roundUp(largest / 2), largest])];
}

/** To a length that rows may have. */
export function roundUp(length: number): number {
  const step = length <= 256 ? 16 : 64;
  return Math.max(16, Math.ceil(length / step) * step);
}

/** Dynamic programme over the sorted sizes: the cheapest way to cover them with few bucket lengths. */
function leastPadding(sizes: number[], count: (size: number) => number, most: number): number[] {
  const below = [0];
  for (const size of sizes) below.push(below.at(-1)! + count(size));
  /** best[k][j]: least padded tokens for the j smallest sizes with at most k + 1 buckets. */
  let best = sizes.map((size, j) => ({ cost: below[j + 1]! * size, buckets: [size] }));
  for (let extra = 1; extra < most; extra++) {
    best = sizes.map((size, j) => {
      let chosen = best[j]!;
      for (let i = 0; i < j; i++) {
        const cost = best[i]!.cost + (below[j + 1]! - below[i + 1]!) * size;
        if (cost < chosen.cost) chosen = { cost, buckets: [...best[i]!.buckets, size] };
      }
      return chosen;
    });
  }
  return best.at(-1)!.buckets;
}
