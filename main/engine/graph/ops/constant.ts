/** Constants and counting. Kept small: a large constant would be copied into the graph file. */
import { attribute } from '../attributes.ts';
import { elementCount, type DType, type Shape } from '../dtype.ts';
import type { Scope, Value } from '../scope.ts';

/** f32 -> the nearest bf16 bits, ties to even. */
function bfloat16Bits(number: number): number {
  const bits = new Uint32Array(Float32Array.of(number).buffer)[0]!;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

export function constant(
  scope: Scope,
  dtype: 'f32' | 'bf16' | 'i32',
  shape: Shape,
  numbers: ArrayLike<number>,
): Value {
  const content =
    dtype === 'f32'
      ? Float32Array.from(numbers)
      : dtype === 'i32'
        ? Int32Array.from(numbers)
        : Uint16Array.from(Array.from(numbers, bfloat16Bits));
  return scope.value({
    op: 'Const',
    attributes: {
      dtype: attribute.type(dtype),
      value: attribute.tensor(dtype, shape, content),
    },
    dtype,
    shape,
    cheap: true,
  });
}

export function scalar(scope: Scope, dtype: 'f32' | 'bf16' | 'i32', number: number): Value {
  return constant(scope, dtype, [], [number]);
}

/** A vector of i32, the form in which TensorFlow takes shapes, axes and permutations. */
export function indices(scope: Scope, numbers: readonly number[]): Value {
  return constant(scope, 'i32', [numbers.length], numbers);
}

export function fill(scope: Scope, dtype: DType, shape: Shape, number: number): Value {
  if (dtype !== 'f32' && dtype !== 'bf16' && dtype !== 'i32') throw new Error(`fill: ${dtype}`);
  if (elementCount(shape) === 1) return constant(scope, dtype, shape, [number]);
  return scope.value({
    op: 'Fill',
    inputs: [indices(scope, shape), scalar(scope, dtype, number)],
    attributes: { T: attribute.type(dtype), index_type: attribute.type('i32') },
    dtype,
    shape,
    cheap: true,
  });
}

/** 0, 1, ..., count - 1 as i32 [count], computed where it is used. */
export function iota(scope: Scope, count: number): Value {
  const bounds = [0, count, 1].map((bound) => scalar(scope, 'i32', bound));
  return scope.value({
    op: 'Range',
    inputs: bounds,
    attributes: { Tidx: attribute.type('i32') },
    dtype: 'i32',
    shape: [count],
    cheap: true,
  });
}
