import {
  at, describeOperations, floats, random, tabulate, type Tensor,
} from '../../../fixtures/operation-check.ts'; // prettier-ignore
import { argMax, logSumExp, maximumOver, mean } from './reduce.ts';
import { sum } from './shape.ts';

const cube = random([2, 3, 4], 1, -2, 2);
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const total = (numbers: number[]): number => numbers.reduce((s, x) => s + x, 0);

/** Over the last axis, the largest taken out first. */
function logSumExpOf(x: Tensor): Tensor {
  const last = x.shape.length - 1;
  return tabulate(x.shape.slice(0, last), (...i) => {
    const row = range(x.shape[last]!).map((j) => at(x, ...i, j));
    const peak = Math.max(...row);
    return peak + Math.log(total(row.map((z) => Math.exp(z - peak))));
  });
}

describeOperations('reductions', [
  {
    name: 'sum over the middle axis',
    inputs: [cube],
    graph: (x) => sum(x!, [1]),
    reference: (x) => tabulate([2, 4], (i, k) => total(range(3).map((j) => at(x!, i!, j, k!)))),
  },
  {
    name: 'sum over two axes, kept',
    inputs: [cube],
    graph: (x) => sum(x!, [0, 2], true),
    reference: (x) =>
      tabulate([1, 3, 1], (_, j) =>
        total(range(2).flatMap((i) => range(4).map((k) => at(x!, i, j!, k)))),
      ),
  },
  {
    name: 'sum over everything',
    inputs: [cube],
    graph: (x) => sum(x!, [0, 1, 2]),
    reference: (x) => tabulate([], () => total([...x!.data])),
  },
  {
    name: 'sum over no axis is the value itself',
    inputs: [cube],
    graph: (x) => sum(x!, []),
    reference: (x) => x!,
  },
  {
    name: 'mean over the last axis, kept',
    inputs: [cube],
    graph: (x) => mean(x!, [2], true),
    reference: (x) =>
      tabulate([2, 3, 1], (i, j) => total(range(4).map((k) => at(x!, i!, j!, k))) / 4),
  },
  {
    name: 'mean over two axes',
    inputs: [cube],
    graph: (x) => mean(x!, [0, 1]),
    reference: (x) =>
      tabulate(
        [4],
        (k) => total(range(2).flatMap((i) => range(3).map((j) => at(x!, i, j, k!)))) / 6,
      ),
  },
  {
    name: 'log-sum-exp',
    inputs: [random([3, 5], 2, -4, 4)],
    graph: (x) => logSumExp(x!),
    reference: (x) => logSumExpOf(x!),
  },
  {
    name: 'log-sum-exp of numbers whose exponentials overflow, underflow or are masked',
    inputs: [floats([4, 3], [1000, 999, 998, -1000, -1001, -1003, 5, -1e30, -1e30, 300, -300, 0])],
    graph: (x) => logSumExp(x!),
    // Finite differences of numbers near 1e30 say nothing: the gradient is compared below.
    differentiable: false,
    reference: (x) => logSumExpOf(x!),
  },
  {
    name: 'gradient of log-sum-exp of huge numbers',
    inputs: [floats([2, 3], [1000, 999, 998, -1000, -1001, -1003])],
    graph: (x) => logSumExp(x!),
    reference: (x) => logSumExpOf(x!),
  },
  {
    name: 'maximum, kept',
    inputs: [cube],
    graph: (x) => maximumOver(x!, 1, true),
    reference: (x) =>
      tabulate([2, 1, 4], (i, _, k) => Math.max(...range(3).map((j) => at(x!, i!, j, k!)))),
    differentiable: false,
  },
  {
    name: 'index of the maximum, the first of equals',
    inputs: [floats([3, 4], [1, 7, 7, 2, -1, -3, -1, -2, 0, 0, 0, 5])],
    graph: (x) => argMax(x!, 1),
    reference: () => tabulate([3], (i) => [1, 0, 3][i!]!),
    differentiable: false,
  },
]);
