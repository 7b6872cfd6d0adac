/**
 * The value of a scalar answer as an exact fraction; null where it is none (pi, sqrt 2, variables) or
 * too large to be written out. This is what tells 10^20 and 10^20 + 1 apart, which doubles do not.
 */
import type { Expression } from './expression.ts';
import type { Rational } from './rational.ts';
import * as rational from './rational.ts';

export function exactValue(node: Expression): Rational | null {
  if (node.kind === 'number') return node.value;
  if (node.kind !== 'call') return null;
  const values: Rational[] = [];
  for (const part of node.parts) {
    const value = exactValue(part);
    if (value === null) return null;
    values.push(value);
  }
  const [a, b] = values;
  if (a === undefined) return null;
  if (b === undefined) return ofOne(node.operation, a);
  switch (node.operation) {
    case 'add':
      return rational.add(a, b);
    case 'subtract':
      return rational.add(a, rational.negate(b));
    case 'multiply':
      return rational.multiply(a, b);
    case 'divide':
      return rational.divide(a, b);
    case 'power':
      return rational.power(a, b);
    case 'binomial':
      return binomial(a, b);
    default:
      return null;
  }
}

function ofOne(operation: string, a: Rational): Rational | null {
  switch (operation) {
    case 'negate':
      return rational.negate(a);
    case 'sqrt':
      return rational.squareRoot(a);
    case 'percent':
      return rational.divide(a, { top: 100n, bottom: 1n });
    case 'abs':
      return a.top < 0n ? rational.negate(a) : a;
    case 'factorial':
      return rational.factorial(a);
    default:
      return null;
  }
}

function binomial(n: Rational, k: Rational): Rational | null {
  if (n.bottom !== 1n || k.bottom !== 1n || k.top < 0n || k.top > n.top || n.top > 1000n) {
    return null;
  }
  let result = 1n;
  for (let step = 1n; step <= k.top; step++) result = (result * (n.top - k.top + step)) / step;
  return rational.rational(result);
}
