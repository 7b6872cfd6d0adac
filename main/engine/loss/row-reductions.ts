/**
 * Maximum and sum of each row of [C, V] logits. XLA for CPUs reduces along a row with one scalar
 * operation for each element, 0.35 ns; down columns it uses vectors, 0.07 ns. So a wide row is seen as
 * `folds` shorter ones, which are reduced down their columns; the halves of what is left are joined by an
 * elementwise operation, without which XLA would make one slow reduction of both, and only that is
 * reduced along the row. A maximum is the same to the last bit, a sum is rounded fewer times.
 * Figures: main/docs/2026-11-28-reductions-of-rows.md.
 */
import { add, maximum } from '../graph/ops/elementwise.ts';
import { maximumOver } from '../graph/ops/reduce.ts';
import { reshape, sliceAxis, sum } from '../graph/ops/shape.ts';
import type { Value } from '../graph/scope.ts';

/** Columns from which folding pays. */
const wideFrom = 4096;
/** From 32 rows on XLA splits a reduction down columns into windows, and is slow again. */
const mostFolds = 31;

/** x [C, V] -> [C, 1] */
export function rowMaximum(x: Value): Value {
  return maximumOver(
    folded(x, (rows) => maximumOver(rows, 1), maximum),
    1,
    true,
  );
}

/** x [C, V] -> [C, 1] */
export function rowSum(x: Value): Value {
  return sum(
    folded(x, (rows) => sum(rows, [1]), add),
    [1],
    true,
  );
}

function folded(
  x: Value,
  reduceColumns: (rows: Value) => Value,
  join: (left: Value, right: Value) => Value,
): Value {
  const [count, vocabulary] = x.shape as [number, number];
  const folds = foldsOf(vocabulary);
  if (folds === 1) return x;
  const width = vocabulary / folds;
  const columns = reduceColumns(reshape(x, [count, folds, width]));
  return join(sliceAxis(columns, 1, 0, width / 2), sliceAxis(columns, 1, width / 2, width));
}

/** The largest number of folds of even width; 1 where a row is narrow or cannot be folded. */
export function foldsOf(vocabulary: number): number {
  if (vocabulary < wideFrom) return 1;
  for (let folds = mostFolds; folds > 1; folds--) {
    if (vocabulary % (2 * folds) === 0) return folds;
  }
  return 1;
}
