/** Random numbers as a pure function of a key, so that a recomputed layer draws the same ones. */
import { attribute } from '../attributes.ts';
import type { Shape } from '../dtype.ts';
import { scopeOf, type Value } from '../scope.ts';
import { constant, indices } from './constant.ts';
import { add, greaterOrEqual, select } from './elementwise.ts';
import { scalar } from './constant.ts';

/** Uniform in [0, 1) of the given shape; key i32 [2]. */
export function randomUniform(key: Value, shape: Shape): Value {
  const scope = scopeOf(key);
  return scope.value({
    op: 'StatelessRandomUniform',
    inputs: [indices(scope, shape), key],
    attributes: {
      T: attribute.type('i32'),
      Tseed: attribute.type('i32'),
      dtype: attribute.type('f32'),
    },
    dtype: 'f32',
    shape,
  });
}

/** 0 with probability `rate`, else 1 / (1 - rate); `stream` keeps uses of one key apart. */
export function dropoutMask(key: Value, stream: number, shape: Shape, rate: number): Value {
  const scope = scopeOf(key);
  const own = add(key, constant(scope, 'i32', [2], [0, stream]));
  const kept = greaterOrEqual(randomUniform(own, shape), rate);
  return select(kept, scalar(scope, 'f32', 1 / (1 - rate)), 0);
}
