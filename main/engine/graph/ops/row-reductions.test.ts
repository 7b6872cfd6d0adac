import { describe, expect, it } from 'vitest';
import {
  at, describeOperations, random, tabulate, type OperationCase, type Tensor,
} from '../../../fixtures/operation-check.ts'; // prettier-ignore
import { foldsOf, rowMaximum, rowSum } from './row-reductions.ts';

const rows = 3;
const row = (x: Tensor, c: number): number[] =>
  Array.from({ length: x.shape[1]! }, (_, v) => at(x, c, v));

describeOperations(
  'reductions of rows',
  // Narrow; folded into 16 and 31 rows; wide but with an odd number of columns.
  [7, 8192, 1054, 513].flatMap((vocabulary): OperationCase[] => {
    const x = random([rows, vocabulary], vocabulary, -3, 3);
    return [
      {
        name: `maximum of ${vocabulary}`,
        inputs: [x],
        graph: (z) => rowMaximum(z!),
        reference: (z) => tabulate([rows, 1], (c) => Math.max(...row(z!, c!))),
        differentiable: false,
        tolerance: 0,
      },
      {
        name: `sum of ${vocabulary}`,
        inputs: [x],
        graph: (z) => rowSum(z!),
        reference: (z) =>
          tabulate([rows, 1], (c) => row(z!, c!).reduce((total, value) => total + value, 0)),
        differentiable: false,
      },
    ];
  }),
);

describe('folds of a row', () => {
  it.each([
    [384, 1],
    [512, 16],
    [768, 24],
    [2560, 20],
    [8192, 16],
    [151_936, 16],
    [32_000, 25],
    [4097, 1],
    [1054, 31],
  ])('%i columns: %i', (vocabulary, folds) => {
    expect(foldsOf(vocabulary)).toBe(folds);
  });
});
