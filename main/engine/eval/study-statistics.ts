/**
 * Statistics over the seeds of a study: a mean with Student's t interval, and a bootstrap of a difference
 * of accuracies that draws seeds and, within them, items (both are samples of what could have been).
 */
import { createGenerator } from '../curriculum/numpy-random.ts';

/** t_0.975 for 1, 2, ... 10 degrees of freedom; with more the last one, which is a little too wide. */
const quantiles = [
  12.7062047, 4.3026527, 3.1824463, 2.7764451, 2.5705818, 2.4469119, 2.3646243, 2.3060041,
  2.2621572, 2.2281389,
];

/** A single value has no interval: low and high are it. */
export function meanInterval(values: readonly number[]): {
  mean: number;
  low: number;
  high: number;
} {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { mean, low: mean, high: mean };
  const spread = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const half = (quantiles[count - 2] ?? quantiles.at(-1)!) * Math.sqrt(spread / count);
  return { mean, low: mean - half, high: mean + half };
}

/**
 * @param differences per seed, per item: candidate's score minus the reference's (-1, 0 or 1)
 * @returns the 2.5 and 97.5 % points of the mean difference
 */
export function bootstrapInterval(
  differences: readonly (readonly number[])[],
  samples: number,
  seed: number,
): { low: number; high: number } {
  const random = createGenerator(seed);
  const pick = (count: number): number => Math.floor(random.random() * count);
  const means = Array.from({ length: samples }, () => {
    let sum = 0;
    let items = 0;
    for (let draw = 0; draw < differences.length; draw++) {
      const own = differences[pick(differences.length)]!;
      for (let item = 0; item < own.length; item++) sum += own[pick(own.length)]!;
      items += own.length;
    }
    return sum / items;
  }).sort((left, right) => left - right);
  const at = (share: number): number => means[Math.round(share * (samples - 1))]!;
  return { low: at(0.025), high: at(0.975) };
}
