/**
 * The keys and values of all positions so far, kept on the device: per layer two variables
 * [B*K, C, D] (B rows, K key heads, C capacity, D head size). The variables are declared without a
 * shape, so that one program serves every B and C: prefill assigns, `resizeCache` grows the capacity
 * and drops finished rows.
 *
 * All rows of a batch write the same slot in the same step (a row's own length lives in the mask and
 * in its rotary position), which makes the write a strided slice assignment: in place, while reads
 * stay references. Scatters would do for rows apart, but the first sparse access puts a TensorFlow
 * variable into copy-on-read mode, and every step would then copy the whole cache.
 */
import type { Qwen3Config } from '../checkpoint/model-config.ts';
import { attribute } from '../graph/attributes.ts';
import { argument, type GraphFunction } from '../graph/library.ts';
import { indices } from '../graph/ops/constant.ts';
import { gather } from '../graph/ops/gather.ts';
import { pad, reshape } from '../graph/ops/shape.ts';
import { assignVariable, readVariable } from '../graph/ops/variable.ts';
import type { Program } from '../graph/program.ts';
import { Scope, scopeOf, type Node, type Value } from '../graph/scope.ts';

export interface KvCache {
  dtype: 'f32' | 'bf16';
  /** Resources of each layer. */
  layers: readonly { keys: Value; values: Value }[];
}

export interface CacheShape {
  /** B */
  rows: number;
  /** C, positions that fit. */
  capacity: number;
}

export function declareCache(
  program: Program,
  config: Qwen3Config,
  dtype: 'f32' | 'bf16',
): KvCache {
  const resource = (name: string): Value =>
    program.main.value({
      op: 'VarHandleOp',
      name,
      attributes: {
        dtype: attribute.type(dtype),
        shape: attribute.anyShape(),
        shared_name: attribute.string(name),
        container: attribute.string(''),
      },
      dtype: 'resource',
      shape: [],
    });
  const layers = Array.from({ length: config.layers }, (_, layer) => ({
    keys: resource(`cache/keys.${layer}`),
    values: resource(`cache/values.${layer}`),
  }));
  return { dtype, layers };
}

/** Replaces the cache by content [B, K, T, D] and room up to `capacity`. */
export function fillCache(resource: Value, content: Value, capacity: number): Node {
  const [rows, heads, length, headDim] = content.shape as [number, number, number, number];
  const flat = reshape(content, [rows * heads, length, headDim]);
  return assignVariable(resource, pad(flat, [0, 0, 0], [0, capacity - length, 0]));
}

/** content [B*K, 1, D] -> position `slot` of every row; bounds as `slotBounds` gives them. */
export function writeSlot(
  resource: Value,
  content: Value,
  { begin, end }: { begin: Value; end: Value },
): Node {
  const scope = scopeOf(content);
  const unbounded = 0b101;
  return scope.add({
    op: 'ResourceStridedSliceAssign',
    inputs: [resource, begin, end, indices(scope, [1, 1, 1]), content],
    attributes: {
      T: attribute.type(content.dtype),
      Index: attribute.type('i32'),
      begin_mask: attribute.integer(unbounded),
      end_mask: attribute.integer(unbounded),
      ellipsis_mask: attribute.integer(0),
      new_axis_mask: attribute.integer(0),
      shrink_axis_mask: attribute.integer(0),
    },
    outputs: [],
    effect: true,
  });
}

/** [B*K, C, D], by reference; `after` the step's own write, where that is to be seen. */
export function readCache(
  resource: Value,
  cache: { dtype: 'f32' | 'bf16'; shape: readonly number[] },
  after: readonly Node[] = [],
): Value {
  return readVariable(resource, cache, after);
}

/** resource, rows i32 [B'] -> the cache of these rows with the new capacity. */
export function defineResize(
  program: Program,
  config: Qwen3Config,
  dtype: 'f32' | 'bf16',
  from: CacheShape,
  to: CacheShape,
): GraphFunction {
  const { keyValueHeads: heads, headDim } = config;
  const scope = new Scope('function', program.library);
  const resource = argument(scope, { dtype: 'resource', shape: [] });
  const kept = argument(scope, { dtype: 'i32', shape: [to.rows] });
  const whole = readVariable(resource, {
    dtype,
    shape: [from.rows * heads, from.capacity, headDim],
  });
  const rows = reshape(whole, [from.rows, heads * from.capacity * headDim]);
  const chosen = reshape(gather(rows, kept), [to.rows * heads, from.capacity, headDim]);
  const write = assignVariable(
    resource,
    pad(chosen, [0, 0, 0], [0, to.capacity - from.capacity, 0]),
  );
  return program.library.add(
    'resize_cache',
    { inputs: [resource, kept], outputs: [], effects: [write] },
    false,
  );
}
