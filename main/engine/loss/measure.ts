/**
 * Forward-only measurements of a chunk of rows: cross-entropy of the label, entropy of the
 * distribution, and whether the label is the most likely token. Used by the entropy pass (WD-DS)
 * and by held-out evaluation.
 */
import { island } from '../graph/island.ts';
import { argument, type GraphFunction, type Library } from '../graph/library.ts';
import { cast, equal, select, subtract } from '../graph/ops/elementwise.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { rowMaximum } from '../graph/ops/row-reductions.ts';
import { concat, reshape } from '../graph/ops/shape.ts';
import { iota, scalar } from '../graph/ops/constant.ts';
import { readVariable } from '../graph/ops/variable.ts';
import { Scope, scopeOf, type Value } from '../graph/scope.ts';
import { distribution, labelColumns } from './vocabulary-metrics.ts';
import { finalNorm, type HeadShape } from './head.ts';

export const measureColumns = ['loss', 'entropy', 'margin', 'correct'] as const;

/** rows [C, H] f32, labels [C] i32, final norm, head -> [C, columns] f32 */
export function defineMeasure(library: Library, shape: HeadShape): GraphFunction {
  return defineHead(library, 'measure', shape, (logits, labels) => {
    const isLabel = labelColumns(labels, shape.vocabulary);
    const result = distribution(logits, isLabel);
    const one = scalar(scopeOf(logits), 'f32', 1);
    const correct = select(equal(firstPeak(result.shifted), labels), one, 0);
    const columns = [result.crossEntropy, result.entropy, result.margin, correct];
    return concat(columns.map((values) => reshape(values, [shape.chunk, 1])), 1); // prettier-ignore
  });
}

/**
 * shifted [C, V], 0 at the largest -> the first column of a 0, [C] i32: that column is the furthest from
 * the end. An arg-max does the same along the row, three times as slowly.
 */
function firstPeak(shifted: Value): Value {
  const [count, vocabulary] = shifted.shape as [number, number];
  const columns = reshape(iota(scopeOf(shifted), vocabulary), [1, vocabulary]);
  const furthest = rowMaximum(select(equal(shifted, 0), subtract(vocabulary, columns), 0));
  return reshape(subtract(vocabulary, furthest), [count]);
}

/** rows [C, H] f32, labels [C] i32 (unused), final norm, head -> logits [C, V] f32 */
export function defineLogits(library: Library, shape: HeadShape): GraphFunction {
  return defineHead(library, 'logits', shape, (logits) => logits);
}

function defineHead(
  library: Library,
  label: string,
  shape: HeadShape,
  finish: (logits: Value, labels: Value) => Value,
): GraphFunction {
  const scope = new Scope('function', library);
  const rows = argument(scope, { dtype: 'f32', shape: [shape.chunk, shape.hidden] });
  const labels = argument(scope, { dtype: 'i32', shape: [shape.chunk] });
  const norm = argument(scope, { dtype: 'resource', shape: [] });
  const head = argument(scope, { dtype: 'resource', shape: [] });
  const normWeight = readVariable(norm, { dtype: 'f32', shape: [shape.hidden] });
  const table = { dtype: shape.weights, shape: [shape.vocabulary, shape.hidden] };
  const hidden = finalNorm(rows, normWeight, shape);
  const logits = matmul(hidden, cast(readVariable(head, table), shape.compute), false, true);
  const [output] = island(label, [logits, labels], ([z, y]) => [finish(cast(z!, 'f32'), y!)]);
  return library.add(
    label,
    { inputs: [rows, labels, norm, head], outputs: [output!] },
    library.placement.functions === 'xla',
  );
}
