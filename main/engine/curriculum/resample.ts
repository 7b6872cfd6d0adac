/**
 * From curriculum weights to the rows that joint training sees: drawn with replacement by numpy's
 * generator, so that an equal seed draws the very rows that the reference implementation draws.
 * The number of rows is floor(rows x multiplier), as the reference's `int()` has it.
 */
import { StudioError } from '../../contract/errors.ts';
import { createGenerator } from './numpy-random.ts';
import { numpySum } from './numpy-sum.ts';

export interface Resample {
  seed: number;
  size: number;
  /** Row numbers from 0, `[size]`, in the order of training. */
  indices: Int32Array;
  /** No weight was above 0, so every row was equally likely; worth a warning. */
  isUniform: boolean;
}

/**
 * @param weights `[N]`, not negative; need not sum to 1
 * @throws curriculum-invalid when no row would be drawn or the multiplier is no positive number
 */
export function resample(weights: Float64Array, multiplier: number, seed: number): Resample {
  const size = Math.floor(weights.length * multiplier);
  if (!(size >= 1 && size < 2 ** 31)) {
    throw new StudioError(
      'curriculum-invalid',
      `A multiplier of ${multiplier} draws ${size} rows out of ${weights.length}.`,
      'Choose a multiplier that draws at least one row; 1 draws as many rows as there are.',
    );
  }
  const { probabilities, isUniform } = samplingProbabilities(weights);
  const indices = createGenerator(seed).choice(weights.length, size, probabilities);
  return { seed, size, indices, isUniform };
}

/** Weights as probabilities `[N]`: divided by their sum, or all equal when that sum is 0. */
export function samplingProbabilities(weights: Float64Array): {
  probabilities: Float64Array;
  isUniform: boolean;
} {
  const total = numpySum(weights);
  if (total <= 0) {
    return { probabilities: weights.map(() => 1 / weights.length), isUniform: true };
  }
  return { probabilities: weights.map((weight) => weight / total), isUniform: false };
}
