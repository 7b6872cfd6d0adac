/**
 * A linear map, with a LoRA adapter where there is one: y = x W^T + s (dropout(x) A^T) B^T.
 * Weights are cast to the type of x at each use, as torch's autocast does.
 */
import { island } from '../graph/island.ts';
import { add, cast, multiply } from '../graph/ops/elementwise.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { dropoutMask } from '../graph/ops/random.ts';
import type { Value } from '../graph/scope.ts';
import { linearNames, type LinearName } from './slots.ts';

export interface LinearWeights {
  /** [out, in] */
  weight: Value;
  adapter: { a: Value; b: Value; scale: number; dropout: number } | null;
}

/** x [N, in] -> [N, out]; `key` i32 [2] is wanted where the adapter has dropout. */
export function linear(
  x: Value,
  { weight, adapter }: LinearWeights,
  key: Value | null,
  name: LinearName,
): Value {
  const compute = x.dtype as 'f32' | 'bf16';
  const base = matmul(x, cast(weight, compute), false, true);
  if (!adapter) return base;
  let input = x;
  if (adapter.dropout > 0) {
    const stream = linearNames.indexOf(name);
    const [dropped] = island('dropout', [x, key!], ([value, seed]) => {
      const mask = dropoutMask(seed!, stream, value!.shape, adapter.dropout);
      return [cast(multiply(cast(value!, 'f32'), mask), compute)];
    });
    input = dropped!;
  }
  const low = matmul(input, cast(adapter.a, compute), false, true);
  const [scaled] = island('lora_scale', [low], ([value]) => [multiply(value!, adapter.scale)]);
  const update = matmul(scaled!, cast(adapter.b, compute), false, true);
  const [sum] = island('lora_sum', [base, update], ([left, right]) => [add(left!, right!)]);
  return sum!;
}
