/**
 * Maximum and sum over the last axis, kept as one column. XLA for CPUs reduces along a row with one
 * scalar operation for each element, 0.35 ns, and writes the row to memory first; down columns it uses
 * vectors, 0.07 ns, on elements as they are computed. So a wide row is seen as `folds` shorter ones, which
 * are reduced down their columns; the halves of what is left are joined by an elementwise operation, without
 * which XLA would make one slow reduction of both, and only that is reduced along the row. A maximum is
 * the same to the last bit, a sum is rounded fewer times.
 * Figures: main/docs/2026-11-28-reductions-of-rows.md.
 */
import type { Value } from '../scope.ts';
import { add, maximum } from './elementwise.ts';
import { maximumOver } from './reduce.ts';
import { reshape, sliceAxis, sum } from './shape.ts';

/** Narrower rows gain little. */
const wideFrom = 512;
/** From 32 rows on XLA splits a reduction down columns into windows, and is slow again. */
const mostFolds = 31;
/** f32 numbers in a vector. */
const vectorLength = 16;

/** x [..., N] -> [..., 1]; carries no gradient. */
export function rowMaximum(x: Value): Value {
  const rest = folded(x, maximumOver, maximum);
  return maximumOver(rest, rest.shape.length - 1, true);
}

/** x [..., N] -> [..., 1] */
export function rowSum(x: Value): Value {
  const rest = folded(x, (rows, axis) => sum(rows, [axis]), add);
  return sum(rest, [rest.shape.length - 1], true);
}

function folded(
  x: Value,
  reduceAxis: (rows: Value, axis: number) => Value,
  join: (left: Value, right: Value) => Value,
): Value {
  const outer = x.shape.slice(0, -1) as number[];
  const axis = outer.length;
  const size = x.shape[axis]!;
  const folds = foldsOf(size);
  if (folds === 1) return x;
  const width = size / folds;
  const columns = reduceAxis(reshape(x, [...outer, folds, width]), axis);
  return join(sliceAxis(columns, axis, 0, width / 2), sliceAxis(columns, axis, width / 2, width));
}

/** The largest number of folds that are whole vectors of even width; 1 for narrow rows and where none is. */
export function foldsOf(size: number): number {
  if (size < wideFrom) return 1;
  for (let folds = mostFolds; folds > 1; folds--) {
    const width = size / folds;
    if (width % 2 === 0 && width >= vectorLength) return folds;
  }
  return 1;
}
