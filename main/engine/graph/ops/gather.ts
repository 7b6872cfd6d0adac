/** Rows by index, and their adjoints: the sum of rows that share an index, rows added to a table. */
import { attribute } from '../attributes.ts';
import { scopeOf, type Value } from '../scope.ts';
import { scalar } from './constant.ts';
import { reshape } from './shape.ts';

/** table [N, ...], rows i32 [R] -> [R, ...]. An index out of range is an error on the CPU. */
export function gather(table: Value, rows: Value): Value {
  const scope = scopeOf(table);
  return scope.value({
    op: 'GatherV2',
    inputs: [table, rows, scalar(scope, 'i32', 0)],
    attributes: {
      Tparams: attribute.type(table.dtype),
      Tindices: attribute.type('i32'),
      Taxis: attribute.type('i32'),
      batch_dims: attribute.integer(0),
    },
    dtype: table.dtype,
    shape: [...rows.shape, ...table.shape.slice(1)],
    gradient: ([dy]) => [segmentSum(dy!, rows, table.shape[0]!), null, null],
  });
}

/** rows [R, ...], segments i32 [R] -> [count, ...]: row i is added to segment segments[i]. */
export function segmentSum(rows: Value, segments: Value, count: number): Value {
  const scope = scopeOf(rows);
  return scope.value({
    op: 'UnsortedSegmentSum',
    inputs: [rows, segments, scalar(scope, 'i32', count)],
    attributes: {
      T: attribute.type(rows.dtype),
      Tindices: attribute.type('i32'),
      Tnumsegments: attribute.type('i32'),
    },
    dtype: rows.dtype,
    shape: [count, ...rows.shape.slice(1)],
    gradient: ([dy]) => [gather(dy!, segments), null, null],
  });
}

/** table [N, ...] with updates[i] added to row rows[i]; rows must not repeat, which fixes the order. */
export function scatterAdd(table: Value, rows: Value, updates: Value): Value {
  return scopeOf(table).value({
    op: 'TensorScatterAdd',
    inputs: [table, reshape(rows, [-1, 1]), updates],
    attributes: { T: attribute.type(table.dtype), Tindices: attribute.type('i32') },
    dtype: table.dtype,
    shape: table.shape,
  });
}
