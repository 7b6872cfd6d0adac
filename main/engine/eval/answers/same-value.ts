/**
 * Whether two expressions are the same mathematical object. Fractions exactly; other scalars by their
 * values in double precision (relative 1e-9), those with variables at fixed points, where two
 * different expressions agree only by accident (Schwartz 1980). A decimal with six or more places is
 * a rounded value and may differ by a unit of its last place; fewer places mean the number itself,
 * so 0.33 is not 1/3. Equations are the same if their differences are proportional.
 */
import type { Complex } from './complex.ts';
import { notANumber, real } from './complex.ts';
import { exactValue } from './exact-value.ts';
import type { Expression } from './expression.ts';
import { call, childrenOf, hasSigns, variablesOf, withSign } from './expression.ts';
import { intervalsOf } from './intervals.ts';
import { numericValue } from './numeric-value.ts';
import * as rational from './rational.ts';

const ROUNDED_PLACES = 6;
const MOST_ITEMS = 64;

export function sameValue(found: Expression, expected: Expression): boolean {
  const [a, b] = [plain(found), plain(expected)];
  if (a.kind === 'text' || b.kind === 'text') {
    return a.kind === 'text' && b.kind === 'text' && a.text === b.text;
  }
  const intervals = [intervalsOf(a), intervalsOf(b)] as const;
  const eitherOrdered = [a, b].some(({ kind }) => kind === 'relation' || kind === 'union');
  if (
    intervals[0] &&
    intervals[1] &&
    (eitherOrdered || (a.kind === 'tuple' && b.kind === 'tuple'))
  ) {
    return sameItems(intervals[0], intervals[1], sameTuple);
  }
  if (a.kind === 'relation' || b.kind === 'relation') return sameRelation(a, b);
  if (a.kind === 'matrix' || b.kind === 'matrix') return sameMatrix(a, b);
  if (a.kind === 'tuple' || b.kind === 'tuple') return sameTuple(a, b);
  if (a.kind === 'list' || b.kind === 'list') return sameItems(itemsOf(a), itemsOf(b), sameValue);
  if (a.kind === 'union' || b.kind === 'union') return false;
  return sameScalar(a, b);
}

/** Plus-minus as both values, a chain of "x = ..." without its name where there is only one. */
function plain(node: Expression): Expression {
  if (node.kind === 'relation' && node.operators.length === 1 && hasSigns(node.terms[1]!)) {
    return plain(node.terms[1]!);
  }
  if (node.kind === 'call' && hasSigns(node)) {
    return { kind: 'list', items: [withSign(node, 1), withSign(node, -1)], braces: false };
  }
  if (node.kind === 'list' && node.items.length === 1) return plain(node.items[0]!);
  return node;
}

function itemsOf(node: Expression): readonly Expression[] {
  if (node.kind !== 'list') return [node];
  const flat = node.items.flatMap((item) => {
    const simple = plain(item);
    return simple.kind === 'list' && !simple.braces ? simple.items : [valueOf(simple)];
  });
  if (!node.braces) return flat;
  return flat.filter(
    (item, index) => !flat.slice(0, index).some((other) => sameValue(other, item)),
  );
}

/** In any order. */
function sameItems<Item>(
  found: readonly Item[],
  expected: readonly Item[],
  same: (a: Item, b: Item) => boolean,
): boolean {
  if (found.length !== expected.length || found.length > MOST_ITEMS) return false;
  const left = [...expected];
  return found.every((item) => {
    const at = left.findIndex((other) => same(item, other));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

function inOrder(found: readonly Expression[], expected: readonly Expression[]): boolean {
  return (
    found.length === expected.length &&
    found.length <= MOST_ITEMS &&
    found.every((item, index) => sameValue(valueOf(item), valueOf(expected[index]!)))
  );
}

/** A list without brackets counts as a tuple where the other one is: "3, 4" for (3, 4). */
function sameTuple(a: Expression, b: Expression): boolean {
  const bare = (node: Expression) => node.kind === 'list' && !node.braces;
  if (a.kind !== 'tuple' && !bare(a)) return false;
  if (b.kind !== 'tuple' && !bare(b)) return false;
  if (a.kind === 'tuple' && b.kind === 'tuple' && (a.open !== b.open || a.close !== b.close)) {
    return false;
  }
  return inOrder(childrenOf(a), childrenOf(b));
}

/** A column or a row is also the point or vector with these coordinates. */
function sameMatrix(a: Expression, b: Expression): boolean {
  if (a.kind === 'matrix' && b.kind === 'matrix') {
    return (
      a.rows.length === b.rows.length && a.rows.every((row, index) => inOrder(row, b.rows[index]!))
    );
  }
  const [matrix, other] = a.kind === 'matrix' ? [a, b] : [b, a];
  if (matrix.kind !== 'matrix' || other.kind !== 'tuple') return false;
  const isVector = matrix.rows.length === 1 || matrix.rows.every((row) => row.length === 1);
  return isVector && inOrder(matrix.rows.flat(), other.items);
}

/** The 5 of "x = 5"; anything else as it is. */
function valueOf(node: Expression): Expression {
  return node.kind === 'relation' && named(node) !== null ? node.terms.at(-1)! : node;
}

/** The x of "x = 5"; null for an equation like y = 2x or x + y = 5. */
function named(node: Expression & { kind: 'relation' }): string | null {
  const left = node.terms[0];
  const value = node.terms.at(-1);
  if (!left || !value || node.operators.some((operator) => operator !== '=')) return null;
  if (left.kind === 'text') return left.text;
  return left.kind === 'name' && variablesOf(value).length === 0 ? left.name : null;
}

function sameRelation(a: Expression, b: Expression): boolean {
  if (a.kind !== 'relation' || b.kind !== 'relation') {
    const [relation, other] = a.kind === 'relation' ? [a, b] : [b, a];
    if (relation.kind !== 'relation' || relation.operators.some((each) => each !== '=')) {
      return false;
    }
    const left = relation.terms[0]!;
    const isName = left.kind === 'name' || left.kind === 'text' || isApplication(left);
    // "y = 2x" for 2x; "x + y = 5" is not 5, but "2 + 3 = 5" is.
    if (!isName && variablesOf(left).length > 0) return false;
    return sameValue(relation.terms.at(-1)!, other);
  }
  const [one, two] = [named(a), named(b)];
  if (one !== null && two !== null) {
    return one === two && sameValue(a.terms.at(-1)!, b.terms.at(-1)!);
  }
  if (a.terms.length !== 2 || b.terms.length !== 2) {
    return a.operators.join() === b.operators.join() && inOrder(a.terms, b.terms);
  }
  const [first, second] = [a, b].map((node) => ({
    operator: node.operators[0]!,
    difference: call('subtract', node.terms[0]!, node.terms[1]!),
  })) as [Equation, Equation];
  return proportional(first, second);
}

interface Equation {
  operator: string;
  difference: Expression;
}

/** f(x), P(x): a letter applied to a letter reads as a product of two names. */
function isApplication(node: Expression): boolean {
  return (
    node.kind === 'call' &&
    node.operation === 'multiply' &&
    node.parts.every((part) => part.kind === 'name')
  );
}

function proportional(a: Equation, b: Equation): boolean {
  let factor: number | null = null;
  let compared = 0;
  for (const point of points) {
    const [x, y] = [at(a.difference, point), at(b.difference, point)];
    if (![x.re, x.im, y.re, y.im].every(Number.isFinite)) continue;
    if (x.im !== 0 || y.im !== 0) continue;
    if (near(x, real(0), 1) && near(y, real(0), 1)) continue;
    const ratio = x.re / y.re;
    if (!Number.isFinite(ratio) || ratio === 0) return false;
    if (factor !== null && Math.abs(ratio - factor) > 1e-7 * Math.abs(factor)) return false;
    factor = ratio;
    compared++;
  }
  if (factor === null || compared < 3) return false;
  if (a.operator === b.operator && ['=', '!='].includes(a.operator)) return true;
  const flipped: Record<string, string> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' };
  return (factor > 0 ? b.operator : flipped[b.operator]) === a.operator;
}

function sameScalar(a: Expression, b: Expression): boolean {
  const [exactA, exactB] = [exactValue(a), exactValue(b)];
  if (exactA && exactB && rational.equal(exactA, exactB)) return true;
  const tolerance = Math.max(roundedBy(a), roundedBy(b));
  if (exactA && exactB && tolerance === 0) return false;
  const variables = [...new Set([...variablesOf(a), ...variablesOf(b)])];
  if (variables.length === 0) return sameNumbers(knownValue(a), knownValue(b), tolerance);
  let compared = 0;
  for (const point of points) {
    const [x, y] = [at(a, point), at(b, point)];
    const known = (value: Complex) => Number.isFinite(value.re) && Number.isFinite(value.im);
    if (known(x) !== known(y)) return false;
    if (!known(x)) continue;
    if (!near(x, y, Math.max(Math.hypot(x.re, x.im), 1e-3))) return false;
    compared++;
  }
  return compared >= 3;
}

/** Infinity only where it is written; 1/0 and a number beyond all doubles are not known. */
function knownValue(node: Expression): Complex {
  const value = numericValue(node);
  return Math.abs(value.re) === Infinity && !mentionsInfinity(node) ? notANumber : value;
}

function mentionsInfinity(node: Expression): boolean {
  const isInfinity = node.kind === 'name' && node.name === 'infinity';
  return isInfinity || childrenOf(node).some(mentionsInfinity);
}

function sameNumbers(x: Complex, y: Complex, tolerance: number): boolean {
  if (Math.abs(x.re) === Infinity || Math.abs(y.re) === Infinity) {
    return x.re === y.re && x.im === 0 && y.im === 0;
  }
  const size = Math.max(Math.hypot(x.re, x.im), Math.hypot(y.re, y.im));
  const distance = Math.hypot(x.re - y.re, x.im - y.im);
  return distance <= Math.max(1e-9 * size, 1e-15, tolerance);
}

function near(x: Complex, y: Complex, size: number): boolean {
  return Math.hypot(x.re - y.re, x.im - y.im) <= 1e-8 * size;
}

/** By how much a long decimal may differ from what it stands for; 0 for any other expression. */
function roundedBy(node: Expression): number {
  const number = node.kind === 'call' && node.operation === 'negate' ? node.parts[0]! : node;
  if (number.kind !== 'number' || number.decimals < ROUNDED_PLACES) return 0;
  return Math.max(10 ** -number.decimals, 1e-12 * Math.abs(numericValue(number).re));
}

/** Values of the variable with this name: irrational, different for each name, of both signs. */
const points = [0.61803, 1.32472, 2.23607, 0.28172, 3.35988, -0.57722, -1.70521, 4.6692];

function at(node: Expression, point: number): Complex {
  const values = new Map(
    variablesOf(node).map((name) => {
      let spread = 7;
      for (const character of name) spread = (spread * 31 + character.codePointAt(0)!) % 997;
      return [name, real(point * (1 + spread / 1499))] as const;
    }),
  );
  return numericValue(node, values);
}
