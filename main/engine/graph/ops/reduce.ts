/** Reductions other than the sum (which shape.ts needs for broadcasting). */
import { attribute } from '../attributes.ts';
import { scopeOf, type Value } from '../scope.ts';
import { indices, scalar } from './constant.ts';

/** Maximum over one axis; carries no gradient (it only shifts exponents here). */
export function maximumOver(x: Value, axis: number, keep = false): Value {
  const scope = scopeOf(x);
  const kept = x.shape.map((size, other) => (other === axis ? 1 : size));
  return scope.value({
    op: 'Max',
    inputs: [x, indices(scope, [axis])],
    attributes: {
      T: attribute.type(x.dtype),
      Tidx: attribute.type('i32'),
      keep_dims: attribute.boolean(keep),
    },
    dtype: x.dtype,
    shape: keep ? kept : x.shape.filter((_, other) => other !== axis),
  });
}

/** Index of the largest element of an axis, the first one among equals; i32. */
export function argMax(x: Value, axis: number): Value {
  const scope = scopeOf(x);
  return scope.value({
    op: 'ArgMax',
    inputs: [x, scalar(scope, 'i32', axis)],
    attributes: {
      T: attribute.type(x.dtype),
      Tidx: attribute.type('i32'),
      output_type: attribute.type('i32'),
    },
    dtype: 'i32',
    shape: x.shape.filter((_, other) => other !== axis),
  });
}
