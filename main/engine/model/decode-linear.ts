/**
 * y = x W^T (+ the adapter's B A) as generation makes it, with few rows: linear.ts without dropout and
 * gradients. Figures: main/docs/2026-11-25-decode.md.
 */
import type { LoraConfig } from '../../contract/config.ts';
import { add, cast, multiply } from '../graph/ops/elementwise.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { transpose } from '../graph/ops/shape.ts';
import { scopeOf, type Value } from '../graph/scope.ts';
import { hasAdapter, type LinearName } from './slots.ts';

/** x [N, in] -> [N, out]; the adapter's scaling and sum stay plain, which costs no extra calls. */
export function decodeLinear(
  x: Value,
  name: LinearName,
  weights: ReadonlyMap<string, Value>,
  lora: LoraConfig | null,
): Value {
  const compute = x.dtype as 'f32' | 'bf16';
  const product = (input: Value, slot: string): Value =>
    fewRowsProduct(input, cast(weights.get(`${name}.${slot}`)!, compute));
  const base = product(x, 'weight');
  if (!lora || !hasAdapter(lora, name)) return base;
  const low = multiply(product(x, 'lora_A'), lora.alpha / lora.rank);
  return add(base, product(low, 'lora_B'));
}

/**
 * x [N, in] W [out, in] -> x W^T [N, out]. On the CPU, products in f32 of 2 to 128 rows are made as
 * (W x^T)^T: oneDNN's kernels for a short first operand are four times slower (16 rows of 8192 x 512:
 * 3.8 ms instead of 0.7 ms).
 */
export function fewRowsProduct(x: Value, weight: Value): Value {
  const rows = x.shape[0]!;
  const isShort = rows > 1 && rows <= 128 && x.dtype === 'f32';
  if (!isShort || scopeOf(x).library.placement.functions === 'xla') {
    return matmul(x, weight, false, true);
  }
  return transpose(matmul(weight, x, false, true), [1, 0]);
}
