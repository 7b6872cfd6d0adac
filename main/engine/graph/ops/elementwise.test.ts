import { describe, expect, it } from 'vitest';
import {
  at, describeOperations, floats, integers, random, tabulate, type OperationCase, type Tensor,
} from '../../../fixtures/operation-check.ts'; // prettier-ignore
import { Library } from '../library.ts';
import { Scope } from '../scope.ts';
import { constant } from './constant.ts';
import {
  add, and, cast, cosine, divide, equal, exp, greaterOrEqual, lessOrEqual, log, maximum, multiply, negate, reciprocalSquareRoot,
  select, sigmoid, sine, square, squareRoot, subtract,
} from './elementwise.ts'; // prettier-ignore
import { broadcastShape } from '../dtype.ts';

function binary(
  name: string,
  graph: OperationCase['graph'],
  compute: (a: number, b: number) => number,
  inputs: [Tensor, Tensor],
): OperationCase {
  const reference = (a: Tensor, b: Tensor): Tensor =>
    tabulate(broadcastShape(a.shape, b.shape), (...i) => compute(at(a, ...i), at(b, ...i)));
  return { name, inputs, graph, reference };
}

function unary(
  name: string,
  graph: OperationCase['graph'],
  compute: (x: number) => number,
  input: Tensor,
): OperationCase {
  const reference = (x: Tensor): Tensor => tabulate(x.shape, (...i) => compute(at(x, ...i)));
  return { name, inputs: [input], graph, reference };
}

const matrix = random([2, 3], 1, -2, 2);
const positive = random([2, 3], 2, 0.2, 3);
const wide = floats([7], [-90, -30, -1.5, 0, 0.25, 30, 90]);
const sigmoidOf = (x: number): number => 1 / (1 + Math.exp(-x));

describeOperations('element-wise operations', [
  binary(
    'add, same shape',
    (a, b) => add(a!, b!),
    (a, b) => a + b,
    [matrix, positive],
  ),
  binary(
    'add, row',
    (a, b) => add(a!, b!),
    (a, b) => a + b,
    [matrix, random([3], 3)],
  ),
  binary(
    'add, column and row',
    (a, b) => add(a!, b!),
    (a, b) => a + b,
    [random([4, 1], 4), random([1, 3], 5)],
  ),
  binary(
    'add, scalar',
    (a, b) => add(a!, b!),
    (a, b) => a + b,
    [random([], 6), matrix],
  ),
  binary(
    'subtract, more axes',
    (a, b) => subtract(a!, b!),
    (a, b) => a - b,
    [random([3], 7), random([2, 2, 3], 8)],
  ),
  binary(
    'multiply, middle axis',
    (a, b) => multiply(a!, b!),
    (a, b) => a * b,
    [random([2, 1, 3], 9), random([4, 1], 10)],
  ),
  binary(
    'multiply by itself twice',
    (a, b) => multiply(multiply(a!, a!), b!),
    (a, b) => a * a * b,
    [matrix, positive],
  ),
  binary(
    'divide, row',
    (a, b) => divide(a!, b!),
    (a, b) => a / b,
    [matrix, random([3], 11, 0.5, 2)],
  ),
  unary(
    'number - x',
    (x) => subtract(1, x!),
    (x) => 1 - x,
    matrix,
  ),
  unary(
    'number / x',
    (x) => divide(2, x!),
    (x) => 2 / x,
    positive,
  ),
  unary(
    'x * number',
    (x) => multiply(x!, -1.5),
    (x) => x * -1.5,
    matrix,
  ),
  unary(
    'negate',
    (x) => negate(x!),
    (x) => -x,
    matrix,
  ),
  unary('exp', (x) => exp(x!), Math.exp, matrix),
  unary('log', (x) => log(x!), Math.log, positive),
  unary(
    'square',
    (x) => square(x!),
    (x) => x * x,
    matrix,
  ),
  unary('square root', (x) => squareRoot(x!), Math.sqrt, positive),
  unary(
    'reciprocal square root',
    (x) => reciprocalSquareRoot(x!),
    (x) => 1 / Math.sqrt(x),
    positive,
  ),
  unary('sigmoid, also where it saturates', (x) => sigmoid(x!), sigmoidOf, wide),
  unary('cosine', (x) => cosine(x!), Math.cos, wide),
  unary('sine', (x) => sine(x!), Math.sin, wide),
  unary(
    'x * sigmoid(x)',
    (x) => multiply(x!, sigmoid(x!)),
    (x) => x * sigmoidOf(x),
    wide,
  ),
  {
    ...binary('maximum', (a, b) => maximum(a!, b!), Math.max, [matrix, random([3], 12)]),
    differentiable: false,
  },
  {
    name: 'select, everything broadcast',
    inputs: [integers([3, 1], [1, 0, 1]), random([2], 13), random([3, 2], 14)],
    graph: (c, a, b) => select(equal(c!, 1), a!, b!),
    reference: (c, a, b) =>
      tabulate([3, 2], (...i) => (at(c!, ...i) === 1 ? at(a!, ...i) : at(b!, ...i))),
  },
  {
    name: 'select, number',
    inputs: [integers([2, 3], [1, 0, 1, 0, 0, 1]), matrix],
    graph: (c, a) => select(equal(c!, 1), a!, -1e30),
    reference: (c, a) =>
      tabulate([2, 3], (...i) => (at(c!, ...i) === 1 ? at(a!, ...i) : Math.fround(-1e30))),
    differentiable: false,
    tolerance: 0,
  },
  {
    name: 'comparisons, and',
    inputs: [integers([5], [1, 2, 3, 4, 5]), integers([5, 1], [1, 2, 3, 4, 5])],
    graph: (a, b) =>
      add(
        multiply(cast(and(lessOrEqual(a!, b!), greaterOrEqual(a!, 2)), 'i32'), 10),
        cast(equal(a!, b!), 'i32'),
      ),
    reference: (a, b) =>
      tabulate([5, 5], (...i) => {
        const [x, y] = [at(a!, ...i), at(b!, ...i)];
        return (x <= y && x >= 2 ? 10 : 0) + (x === y ? 1 : 0);
      }),
  },
  {
    name: 'cast of integers to f32',
    inputs: [integers([3], [-7, 0, 123456])],
    graph: (x) => cast(x!, 'f32'),
    reference: (x) => x!,
  },
]);

/** Rounded to bf16's 8 significant bits, ties to even, by arithmetic on the number. */
function roundToBfloat16(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return x;
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(x))) - 7);
  const low = Math.floor(x / unit);
  const rest = x / unit - low;
  const up = rest > 0.5 || (rest === 0.5 && low % 2 !== 0);
  return (up ? low + 1 : low) * unit;
}

// 1 + k/256 lies half-way between two bf16 numbers for odd k: ties go to the even one.
const ties = floats(
  [8],
  [1 + 1 / 256, 1 + 3 / 256, 1 + 5 / 256, -1 - 1 / 256, -1 - 3 / 256, 255.5, 3e38, 1e-30],
);

describeOperations('bf16', [
  {
    name: 'cast rounds to nearest, ties to even',
    inputs: [ties],
    graph: (x) => cast(cast(x!, 'bf16'), 'f32'),
    reference: (x) => tabulate(x!.shape, (i) => roundToBfloat16(at(x!, i!))),
    differentiable: false,
    tolerance: 0,
  },
  {
    name: 'cast of many numbers',
    inputs: [random([200], 15, -100, 100)],
    graph: (x) => cast(cast(x!, 'bf16'), 'f32'),
    reference: (x) => tabulate(x!.shape, (i) => roundToBfloat16(at(x!, i!))),
    differentiable: false,
    tolerance: 0,
  },
  {
    name: 'constants are rounded as casts are',
    inputs: [floats([8], [0, 0, 0, 0, 0, 0, 0, 0])],
    graph: (x) => add(x!, cast(constant(x!.node.scope, 'bf16', [8], ties.data), 'f32')),
    reference: () => tabulate([8], (i) => roundToBfloat16(ties.data[i!]!)),
    differentiable: false,
    tolerance: 0,
  },
  {
    name: 'the gradient through bf16 is rounded to bf16',
    inputs: [matrix],
    graph: (x) => cast(multiply(cast(x!, 'bf16'), 2), 'f32'),
    reference: (x) => tabulate([2, 3], (...i) => 2 * at(x!, ...i)),
    tolerance: 2 ** -7,
  },
]);

describe('operands', () => {
  const scope = new Scope('main', new Library({ islands: 'plain', functions: 'plain' }));
  const f32 = constant(scope, 'f32', [2, 3], [1, 2, 3, 4, 5, 6]);

  it('of different types are refused', () => {
    expect(() => add(f32, constant(scope, 'i32', [3], [1, 2, 3]))).toThrow(
      'operands of types f32 and i32',
    );
  });

  it('that cannot be broadcast are refused with both shapes', () => {
    const other = constant(scope, 'f32', [2, 2], [1, 2, 3, 4]);
    expect(() => multiply(f32, other)).toThrow('shapes [2,3] and [2,2] cannot be broadcast');
    expect(() => equal(f32, other)).toThrow('shapes [2,3] and [2,2] cannot be broadcast');
  });

  it('of another scope are refused', () => {
    const elsewhere = constant(new Scope('main', scope.library), 'f32', [3], [1, 2, 3]);
    expect(() => add(f32, elsewhere)).toThrow('belongs to another scope');
  });

  it('that are numbers alone are refused', () => {
    expect(() => add(1, 2)).toThrow('one operand must be a value');
  });
});
