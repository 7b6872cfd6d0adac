/**
 * Where functions run, in one place. Measured on a CPU (main/docs/): matrix products as plain
 * TensorFlow (oneDNN) between element-wise islands compiled by XLA are both the fastest form and the
 * one that is repeatable bit for bit; on a GPU whole functions go to XLA. On processors without AVX-512
 * Eigen is the faster one for some of the products (ops/matmul.ts).
 */
import type { Placement } from '../graph/library.ts';
import { describeProcessor } from './processor.ts';

export function choosePlacement(device: 'cpu' | 'gpu'): Placement {
  if (device === 'gpu') return { islands: 'xla', functions: 'xla' };
  const hasAvx512 = describeProcessor().instructions.includes('avx512f');
  return { islands: 'xla', functions: 'plain', ...(!hasAvx512 && { unpacked: 'eigen' }) };
}
