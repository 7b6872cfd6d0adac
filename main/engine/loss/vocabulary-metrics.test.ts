import {
  at, describeOperations, floats, integers, random, tabulate, type OperationCase, type Tensor,
} from '../../fixtures/operation-check.ts'; // prettier-ignore
import { distribution, divergence, labelColumns, type Distribution } from './vocabulary-metrics.ts';

const rows = 3;
const vocabulary = 7;
const labels = integers([rows], [2, 6, 0]);
const mild = random([rows, vocabulary], 1, -3, 3);
// Saturated rows as a trained model has them, and logits whose exponentials overflow.
const extreme = floats(
  [rows, vocabulary],
  [0, 0, 40, 0, 0, 0, 0, 500, 499, 498, 0, 0, 0, 497, -300, -300, -301, -305, -310, -300, -302],
);

const columns = Array.from({ length: vocabulary }, (_, v) => v);
const total = (numbers: number[]): number => numbers.reduce((sum, x) => sum + x, 0);
const row = (z: Tensor, c: number): number[] => columns.map((v) => at(z, c, v));

function logProbabilities(logits: number[]): number[] {
  const peak = Math.max(...logits);
  const normaliser = peak + Math.log(total(logits.map((z) => Math.exp(z - peak))));
  return logits.map((z) => z - normaliser);
}

const plain: Record<'crossEntropy' | 'entropy' | 'margin', (z: number[], label: number) => number> =
  {
    crossEntropy: (z, label) => -logProbabilities(z)[label]!,
    entropy: (z) => -total(logProbabilities(z).map((p) => Math.exp(p) * p)),
    margin: (z, label) => z[label]! - total(z.filter((_, v) => v !== label)) / (vocabulary - 1),
  };

function metric(name: keyof typeof plain, logits: Tensor, label: string): OperationCase {
  return {
    name: `${name}, ${label} logits`,
    inputs: [logits, labels],
    graph: (z, y) => distribution(z!, labelColumns(y!, vocabulary))[name as keyof Distribution],
    reference: (z, y) => tabulate([rows], (c) => plain[name](row(z!, c!), at(y!, c!))),
    differentiable: false,
    // The entropy is a difference of numbers of the logits' size: f32 keeps 500 to 3e-5.
    tolerance: logits === extreme ? 6e-5 : 1e-5,
  };
}

describeOperations('metrics of a row of logits', [
  metric('crossEntropy', mild, 'mild'),
  metric('entropy', mild, 'mild'),
  metric('margin', mild, 'mild'),
  metric('crossEntropy', extreme, 'extreme'),
  metric('entropy', extreme, 'extreme'),
  metric('margin', extreme, 'extreme'),
  {
    name: 'divergence of two models',
    inputs: [mild, random([rows, vocabulary], 2, -3, 3), labels],
    graph: (strong, weak, y) => {
      const isLabel = labelColumns(y!, vocabulary);
      const [s, w] = [strong!, weak!].map((z) => distribution(z, isLabel));
      return divergence(s!, w!, strong!, weak!);
    },
    reference: (strong, weak) =>
      tabulate([rows], (c) => {
        const [s, w] = [strong!, weak!].map((z) => logProbabilities(row(z, c!)));
        return total(s!.map((p, v) => Math.exp(p) * (p - w![v]!)));
      }),
    differentiable: false,
  },
]);
