import { describe, expect, it } from 'vitest';
import {
  at,
  describeOperations,
  integers,
  random,
  tabulate,
} from '../../../fixtures/operation-check.ts';
import { Library } from '../library.ts';
import { Scope } from '../scope.ts';
import { fill } from './constant.ts';
import {
  broadcastTo,
  concat,
  pad,
  reshape,
  slice,
  sliceAxis,
  sumToShape,
  transpose,
} from './shape.ts';

const cube = random([2, 3, 4], 1);
const total = (numbers: number[]): number => numbers.reduce((s, x) => s + x, 0);

describeOperations('operations on shapes', [
  {
    name: 'reshape, one size left open',
    inputs: [cube],
    graph: (x) => reshape(x!, [4, -1]),
    reference: (x) => ({ ...x!, shape: [4, 6] }),
  },
  {
    name: 'transpose',
    inputs: [cube],
    graph: (x) => transpose(x!, [2, 0, 1]),
    reference: (x) => tabulate([4, 2, 3], (k, i, j) => at(x!, i!, j!, k!)),
  },
  {
    name: 'slice',
    inputs: [cube],
    graph: (x) => slice(x!, [1, 0, 2], [1, 2, 2]),
    reference: (x) => tabulate([1, 2, 2], (i, j, k) => at(x!, i! + 1, j!, k! + 2)),
  },
  {
    name: 'slices of one axis that overlap',
    inputs: [cube],
    graph: (x) => concat([sliceAxis(x!, 1, 0, 2), sliceAxis(x!, 1, 1, 3)], 1),
    reference: (x) => tabulate([2, 4, 4], (i, j, k) => at(x!, i!, j! < 2 ? j! : j! - 1, k!)),
  },
  {
    name: 'pad',
    inputs: [random([2, 3], 2)],
    graph: (x) => pad(x!, [1, 0], [2, 1]),
    reference: (x) =>
      tabulate([5, 4], (i, j) => (i! < 1 || i! > 2 || j! > 2 ? 0 : at(x!, i! - 1, j!))),
  },
  {
    name: 'concat of different lengths, first axis',
    inputs: [random([1, 2], 3), random([3, 2], 4)],
    graph: (a, b) => concat([a!, b!], 0),
    reference: (a, b) => tabulate([4, 2], (i, j) => (i === 0 ? at(a!, 0, j!) : at(b!, i! - 1, j!))),
  },
  {
    name: 'concat of a value with itself',
    inputs: [random([2, 2], 5), random([2, 1], 6)],
    graph: (a, b) => concat([a!, b!, a!], 1),
    reference: (a, b) =>
      tabulate([2, 5], (i, j) =>
        j! < 2 ? at(a!, i!, j!) : j === 2 ? at(b!, i!, 0) : at(a!, i!, j! - 3),
      ),
  },
  {
    name: 'concat of one value',
    inputs: [cube],
    graph: (x) => concat([x!], 2),
    reference: (x) => x!,
  },
  {
    name: 'broadcast',
    inputs: [random([3, 1], 7)],
    graph: (x) => broadcastTo(x!, [2, 3, 4]),
    reference: (x) => tabulate([2, 3, 4], (...i) => at(x!, ...i)),
  },
  {
    name: 'sum to shape, leading and single axes',
    inputs: [cube],
    graph: (x) => sumToShape(x!, [3, 1]),
    reference: (x) =>
      tabulate([3, 1], (j) =>
        total([0, 1].flatMap((i) => [0, 1, 2, 3].map((k) => at(x!, i, j!, k)))),
      ),
  },
  {
    name: 'integers move too',
    inputs: [integers([2, 3], [1, 2, 3, 4, 5, 6])],
    graph: (x) => transpose(pad(x!, [0, 1], [0, 0]), [1, 0]),
    reference: (x) => tabulate([4, 2], (i, j) => (i === 0 ? 0 : at(x!, j!, i! - 1))),
  },
]);

describe('shapes that do not fit', () => {
  const scope = new Scope('main', new Library({ islands: 'plain', functions: 'plain' }));
  const x = fill(scope, 'f32', [2, 3], 1);

  it.each([[[4, 2]], [[4, -1]], [[7]]])('are refused by reshape to [%s]', (shape) => {
    expect(() => reshape(x, shape)).toThrow(`cannot reshape [2,3] to [${shape}]`);
  });

  it('are refused by broadcasting', () => {
    expect(() => broadcastTo(x, [3, 3])).toThrow();
    expect(() => broadcastTo(x, [3])).toThrow('cannot broadcast [2,3] to [3]');
  });

  it('are refused by concat of nothing', () => {
    expect(() => concat([], 0)).toThrow('no parts');
  });
});
