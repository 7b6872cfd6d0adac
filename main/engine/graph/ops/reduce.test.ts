import {
  at,
  describeOperations,
  floats,
  random,
  tabulate,
} from '../../../fixtures/operation-check.ts';
import { argMax, maximumOver } from './reduce.ts';
import { sum } from './shape.ts';

const cube = random([2, 3, 4], 1, -2, 2);
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const total = (numbers: number[]): number => numbers.reduce((s, x) => s + x, 0);

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
