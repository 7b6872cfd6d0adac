/**
 * The value of a scalar answer in double precision, complex, with given values for its variables.
 * What has no value (a tuple, words, an unknown function, 1/0) is NaN. Cost is one visit per node.
 */
import type { Complex } from './complex.ts';
import * as complex from './complex.ts';
import type { Expression } from './expression.ts';
import { toNumber } from './rational.ts';

export type Variables = ReadonlyMap<string, Complex>;

export function numericValue(node: Expression, variables: Variables = new Map()): Complex {
  switch (node.kind) {
    case 'number':
      return complex.real(toNumber(node.value));
    case 'name':
      return constantValues.get(node.name) ?? variables.get(node.name) ?? complex.notANumber;
    case 'call':
      return apply(
        node.operation,
        node.parts.map((part) => numericValue(part, variables)),
      );
    default:
      return complex.notANumber;
  }
}

const constantValues: ReadonlyMap<string, Complex> = new Map([
  ['pi', complex.real(Math.PI)],
  ['e', complex.real(Math.E)],
  ['i', { re: 0, im: 1 }],
  ['infinity', complex.real(Infinity)],
]);

function apply(operation: string, values: Complex[]): Complex {
  const [a = complex.notANumber, b = complex.notANumber] = values;
  switch (operation) {
    case 'add':
      return complex.add(a, b);
    case 'subtract':
      return complex.subtract(a, b);
    case 'multiply':
      return complex.multiply(a, b);
    case 'divide':
      return complex.divide(a, b);
    case 'negate':
      return { re: -a.re, im: a.im === 0 ? 0 : -a.im };
    case 'power':
      return complex.power(a, b);
    case 'sqrt':
      return complex.squareRoot(a);
    case 'root':
      return oddRoot(a, b) ?? complex.power(a, complex.divide(complex.real(1), b));
    case 'degrees':
      return complex.multiply(a, complex.real(Math.PI / 180));
    case 'percent':
      return complex.divide(a, complex.real(100));
    case 'abs':
      return complex.real(Math.hypot(a.re, a.im));
    case 'conjugate':
      return { re: a.re, im: -a.im };
    case 'exp':
      return complex.exponential(a);
    case 'ln':
      return complex.logarithm(a);
    case 'log':
      return complex.divide(complex.logarithm(a), complex.logarithm(b));
    default:
      return ofReals(operation, values);
  }
}

/** The real root of a negative number where the degree is odd, e.g. cbrt(-8) = -2. */
function oddRoot(a: Complex, degree: Complex): Complex | null {
  if (a.im !== 0 || a.re >= 0 || degree.im !== 0 || Math.abs(degree.re) % 2 !== 1) return null;
  return complex.real(-((-a.re) ** (1 / degree.re)));
}

const realFunctions: Record<string, (a: number, b: number) => number> = {
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  cot: (a) => 1 / Math.tan(a),
  sec: (a) => 1 / Math.cos(a),
  csc: (a) => 1 / Math.sin(a),
  arcsin: Math.asin,
  arccos: Math.acos,
  arctan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  floor: Math.floor,
  ceil: Math.ceil,
  factorial: (a) => (Number.isInteger(a) && a >= 0 && a <= 170 ? productOf(2, a) : NaN),
  binomial: (n, k) =>
    Number.isInteger(n) && Number.isInteger(k) && k >= 0 && k <= n && n <= 1000
      ? quotients(n, Math.min(k, n - k))
      : NaN,
};

function ofReals(operation: string, values: Complex[]): Complex {
  const known = Object.hasOwn(realFunctions, operation) ? realFunctions[operation] : undefined;
  if (!known || values.some(({ im }) => im !== 0)) return complex.notANumber;
  return complex.real(known(values[0]?.re ?? NaN, values[1]?.re ?? NaN));
}

function productOf(from: number, to: number): number {
  let product = 1;
  for (let factor = from; factor <= to; factor++) product *= factor;
  return product;
}

function quotients(n: number, k: number): number {
  let result = 1;
  for (let step = 1; step <= k; step++) result = (result * (n - k + step)) / step;
  return Math.round(result);
}
