/**
 * Where functions run, in one place. Measured on a CPU (main/docs/): matrix products as plain
 * TensorFlow (oneDNN) between element-wise islands compiled by XLA are both the fastest form and the
 * one that is repeatable bit for bit; on a GPU whole functions go to XLA.
 */
import type { Placement } from '../graph/library.ts';

export function choosePlacement(device: 'cpu' | 'gpu'): Placement {
  return device === 'gpu'
    ? { islands: 'xla', functions: 'xla' }
    : { islands: 'xla', functions: 'plain' };
}
