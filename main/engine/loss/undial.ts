/**
 * UNDIAL (arXiv 2402.10052): self-distillation from a teacher whose target logit is lowered by a strength s,
 *   t = softmax(z_teacher - s onehot(y))      loss = -sum_v t_v log softmax(z_student)_v
 *   g = w (softmax(z_student) - t)
 * w is the row's share of the loss, as in the mixed loss; the teacher gets no gradient. The published
 * code averages over all positions; here, as everywhere, over answer tokens.
 */
import { cast, divide, multiply, select, subtract } from '../graph/ops/elementwise.ts';
import { rowSum } from '../graph/ops/row-reductions.ts';
import { concat, reshape } from '../graph/ops/shape.ts';
import type { Value } from '../graph/scope.ts';
import { distribution, labelColumns } from './vocabulary-metrics.ts';

/** labels [C] i32, weights [C], strength [], logits [C, V] f32 -> metrics [C, 4], g [C, V] in `compute`. */
export function undialPass(
  labels: Value,
  weights: Value,
  strength: Value,
  student: Value,
  teacher: Value,
  compute: 'f32' | 'bf16',
): Value[] {
  const [count, vocabulary] = student.shape as [number, number];
  const isLabel = labelColumns(labels, vocabulary);
  const own = distribution(student, isLabel);
  const target = distribution(select(isLabel, subtract(teacher, strength), teacher), isLabel);
  const column = [count, 1];
  const expected = divide(rowSum(multiply(target.weights, own.shifted)), target.total);
  const loss = subtract(reshape(own.logTotal, column), expected);
  const share = reshape(weights, column);
  const gradient = subtract(
    multiply(own.weights, divide(share, own.total)),
    multiply(target.weights, divide(share, target.total)),
  );
  const columns = [own.crossEntropy, own.entropy, own.margin].map((each) => reshape(each, column));
  return [concat([loss, ...columns], 1), cast(gradient, compute)];
}
