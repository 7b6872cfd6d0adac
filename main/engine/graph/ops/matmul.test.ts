import { describe, expect, it } from 'vitest';
import {
  at, describeOperations, random, tabulate, type OperationCase, type Tensor,
} from '../../../fixtures/operation-check.ts'; // prettier-ignore
import { Library } from '../library.ts';
import { Scope } from '../scope.ts';
import { fill } from './constant.ts';
import { cast } from './elementwise.ts';
import { batchMatmul, matmul } from './matmul.ts';

const flags = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

/** a [..., M, K] b [..., K, N], each stored transposed where its flag says so. */
function product(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  const lead = a.shape.slice(0, -2);
  const [m, k] = transposeA ? [a.shape.at(-1)!, a.shape.at(-2)!] : a.shape.slice(-2);
  const n = transposeB ? b.shape.at(-2)! : b.shape.at(-1)!;
  return tabulate([...lead, m!, n], (...index) => {
    const outer = index.slice(0, -2);
    const [i, j] = index.slice(-2) as [number, number];
    let total = 0;
    for (let inner = 0; inner < k!; inner++) {
      const left = transposeA ? at(a, ...outer, inner, i) : at(a, ...outer, i, inner);
      const right = transposeB ? at(b, ...outer, j, inner) : at(b, ...outer, inner, j);
      total += left * right;
    }
    return total;
  });
}

const cases = flags.flatMap(([transposeA, transposeB]): OperationCase[] => {
  const name = `${transposeA ? "A'" : 'A'} ${transposeB ? "B'" : 'B'}`;
  const left = transposeA ? [4, 3] : [3, 4];
  const right = transposeB ? [5, 4] : [4, 5];
  const reference = (a: Tensor, b: Tensor): Tensor => product(a, b, transposeA, transposeB);
  return [
    {
      name: `matmul ${name}`,
      inputs: [random(left, 1), random(right, 2)],
      graph: (a, b) => matmul(a!, b!, transposeA, transposeB),
      reference,
    },
    {
      name: `batch matmul ${name}`,
      inputs: [random([2, 3, ...left], 3), random([2, 3, ...right], 4)],
      graph: (a, b) => batchMatmul(a!, b!, transposeA, transposeB),
      reference,
    },
    {
      name: `bf16 matmul ${name}`,
      inputs: [random(left, 5), random(right, 6)],
      graph: (a, b) =>
        cast(matmul(cast(a!, 'bf16'), cast(b!, 'bf16'), transposeA, transposeB), 'f32'),
      reference,
      tolerance: 2e-2,
    },
  ];
});

describeOperations('small matrix products by Eigen', cases, 'eigen');

describe('the library of a product', () => {
  const op = (rows: number, columns: number, transposeB = false, unpacked?: 'eigen'): string => {
    const placement = { islands: 'plain', functions: 'plain', unpacked } as const;
    const scope = new Scope('main', new Library(placement));
    const b = fill(scope, 'f32', transposeB ? [columns, 8] : [8, columns], 1);
    return matmul(fill(scope, 'f32', [rows, 8], 1), b, false, transposeB).node.op;
  };

  it('is Eigen only where oneDNN would not pack, for the processors where that is slow', () => {
    expect(op(256, 1024, false, 'eigen')).toBe('BatchMatMulV3');
    expect(op(512, 512, false, 'eigen')).toBe('BatchMatMulV3');
    expect(op(512, 1024, false, 'eigen')).toBe('MatMul');
    expect(op(256, 1024, true, 'eigen')).toBe('MatMul');
    expect(op(256, 1024)).toBe('MatMul');
  });
});

describeOperations('matrix products', [
  ...cases,
  {
    name: 'a matrix with itself',
    inputs: [random([3, 3], 7)],
    graph: (a) => matmul(a!, a!, false, true),
    reference: (a) => product(a!, a!, false, true),
  },
]);

describe('matrices that do not fit', () => {
  const scope = new Scope('main', new Library({ islands: 'plain', functions: 'plain' }));
  const of = (shape: number[], dtype: 'f32' | 'bf16' = 'f32') => fill(scope, dtype, shape, 1);

  it('are refused by matmul with both shapes', () => {
    expect(() => matmul(of([2, 3]), of([2, 3]))).toThrow('matmul of f32 [2,3] and f32 [2,3]');
    expect(() => matmul(of([2, 3]), of([3, 2], 'bf16'))).toThrow('and bf16 [3,2]');
    expect(() => matmul(of([2, 2, 3]), of([3, 2]))).toThrow('matmul of f32 [2,2,3]');
  });

  it('are refused by batch matmul', () => {
    expect(() => batchMatmul(of([2, 2, 3]), of([3, 3, 2]))).toThrow('[2,2,3] and f32 [3,3,2]');
    expect(() => batchMatmul(of([2, 2, 3]), of([2, 2, 3]))).toThrow('[2,2,3] and f32 [2,2,3]');
  });
});
