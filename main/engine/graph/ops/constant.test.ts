import { describe, expect, it } from 'vitest';
import { describeOperations, integers, tabulate } from '../../../fixtures/operation-check.ts';
import { Library } from '../library.ts';
import { Scope } from '../scope.ts';
import { constant, fill, iota, scalar } from './constant.ts';
import { add, cast } from './elementwise.ts';

const zero = integers([1], [0]);

describeOperations('constants', [
  {
    name: 'i32 matrix',
    inputs: [zero],
    graph: (x) => add(x!, constant(x!.node.scope, 'i32', [2, 2], [1, -2, 3, 2 ** 30])),
    reference: () => tabulate([2, 2], (i, j) => [1, -2, 3, 2 ** 30][2 * i! + j!]!),
    tolerance: 0,
  },
  {
    name: 'f32 scalar, rounded to f32',
    inputs: [zero],
    graph: (x) => add(cast(x!, 'f32'), scalar(x!.node.scope, 'f32', 0.1)),
    reference: () => tabulate([1], () => Math.fround(0.1)),
    tolerance: 0,
  },
  {
    name: 'fill',
    inputs: [zero],
    graph: (x) => add(cast(x!, 'f32'), fill(x!.node.scope, 'f32', [3, 2], -2.5)),
    reference: () => tabulate([3, 2], () => -2.5),
    tolerance: 0,
  },
  {
    name: 'fill in bf16',
    inputs: [zero],
    graph: (x) => add(cast(x!, 'f32'), cast(fill(x!.node.scope, 'bf16', [3], 1.5), 'f32')),
    reference: () => tabulate([3], () => 1.5),
    tolerance: 0,
  },
  {
    name: 'iota',
    inputs: [zero],
    graph: (x) => add(x!, iota(x!.node.scope, 7)),
    reference: () => tabulate([7], (i) => i!),
    tolerance: 0,
  },
]);

describe('a constant', () => {
  const scope = new Scope('main', new Library({ islands: 'plain', functions: 'plain' }));

  it('with too few numbers is refused', () => {
    expect(() => constant(scope, 'f32', [2, 2], [1, 2, 3])).toThrow(
      'a constant of shape [2,2] cannot hold 3 numbers',
    );
  });

  it('of booleans is refused', () => {
    expect(() => fill(scope, 'bool', [2], 1)).toThrow('fill: bool');
  });
});
