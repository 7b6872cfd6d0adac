/**
 * f32 -> bf16, up or down with probabilities by which the mean is kept: the low 16 bits are random numbers'
 * carry. Rounding to nearest would leave AdamW's second moment where it is: with b2 = 0.999 it changes by
 * less than half a unit of bf16 (1/512) a step.
 *
 * The random bits are a hash (Murmur3's finalizer) of element and step: a resumed run draws the same.
 */
import { iota, scalar } from '../graph/ops/constant.ts';
import {
  add, bitwiseAnd, bitwiseXor, cast, multiply, shiftRight,
} from '../graph/ops/elementwise.ts'; // prettier-ignore
import { bitcast, reshape } from '../graph/ops/shape.ts';
import { elementCount, type Shape } from '../graph/dtype.ts';
import type { Value } from '../graph/scope.ts';

/** `count` sets of 16 random bits for each element, each i32 of `shape`; `seed` i32 []. */
export function roundingBits(seed: Value, shape: Shape, count: number): Value[] {
  const { scope } = seed.node;
  const number = (value: number): Value => scalar(scope, 'i32', value | 0);
  const mixed = (value: Value, shift: number, factor: number): Value =>
    multiply(bitwiseXor(value, logicalShift(value, shift)), number(factor));
  const elements = reshape(iota(scope, elementCount(shape)), shape);
  const start = add(multiply(elements, number(0x9e3779b1)), multiply(seed, number(0x85ebca77)));
  let bits = mixed(mixed(start, 16, 0x85ebca6b), 13, 0xc2b2ae35);
  const sets: Value[] = [];
  while (sets.length < count) {
    bits = bitwiseXor(bits, logicalShift(bits, 16));
    sets.push(bitwiseAnd(bits, number(0xffff)), logicalShift(bits, 16));
    bits = multiply(bits, number(0x9e3779b1));
  }
  return sets.slice(0, count);
}

/** x f32, finite; `bits` as `roundingBits` gives them -> bf16 */
export function roundStochastically(x: Value, bits: Value): Value {
  const raised = add(bitcast(x, 'i32', x.shape), bits);
  const high = bitwiseAnd(raised, scalar(x.node.scope, 'i32', 0xffff0000 | 0));
  return cast(bitcast(high, 'f32', x.shape), 'bf16');
}

/** TensorFlow's shift of i32 brings the sign in. */
function logicalShift(value: Value, by: number): Value {
  const shifted = shiftRight(value, by);
  return bitwiseAnd(shifted, scalar(value.node.scope, 'i32', 2 ** (32 - by) - 1));
}
