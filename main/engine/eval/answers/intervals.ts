/**
 * Sets of real numbers as lists of intervals: tuples of two, unions of them, and inequalities in one
 * variable (x < 3, 0 \le x < 1, x < 0 or x > 1). Null for anything else.
 */
import type { Expression, Relation } from './expression.ts';
import { call, variablesOf } from './expression.ts';

type Tuple = Expression & { kind: 'tuple' };

const infinity: Expression = { kind: 'name', name: 'infinity' };

export function intervalsOf(node: Expression): Tuple[] | null {
  if (node.kind === 'tuple') return node.items.length === 2 ? [node] : null;
  if (node.kind === 'relation') return fromInequality(node);
  if (node.kind !== 'union' && (node.kind !== 'list' || node.braces)) return null;
  const isInequality = (item: Expression) => item.kind === 'relation';
  if (node.kind === 'list' && !node.items.every(isInequality)) return null;
  const found: Tuple[] = [];
  for (const item of node.items) {
    const intervals = intervalsOf(item);
    if (!intervals) return null;
    found.push(...intervals);
  }
  return found;
}

function fromInequality(node: Expression & { kind: 'relation' }): Tuple[] | null {
  const { terms, operators } = node;
  // x \in [0, 1)
  if (operators.join() === '=' && terms[0]!.kind === 'name') {
    const [, set] = terms;
    return set!.kind === 'tuple' || set!.kind === 'union' ? intervalsOf(set!) : null;
  }
  if (terms.length === 2) {
    const [left, right] = terms as [Expression, Expression];
    const operator = operators[0]!;
    if (isVariable(left) && isConstant(right)) return half(operator, right);
    if (isConstant(left) && isVariable(right)) return half(mirrored[operator], left);
    return null;
  }
  const [low, middle, high] = terms as [Expression, Expression, Expression];
  if (terms.length !== 3 || !isVariable(middle) || !isConstant(low) || !isConstant(high))
    return null;
  const [first, second] = operators as [Relation, Relation];
  if (rising(first) && rising(second)) return [interval(low, first, second, high)];
  if (rising(mirrored[first]) && rising(mirrored[second])) {
    return [interval(high, mirrored[second], mirrored[first], low)];
  }
  return null;
}

const mirrored: Record<Relation, Relation> = {
  '<': '>',
  '>': '<',
  '<=': '>=',
  '>=': '<=',
  '=': '=',
  '!=': '!=',
};

function half(operator: Relation, bound: Expression): Tuple[] | null {
  switch (operator) {
    case '<':
    case '<=':
      return [interval(call('negate', infinity), '<', operator, bound)];
    case '>':
    case '>=':
      return [interval(bound, operator === '>' ? '<' : '<=', '<', infinity)];
    case '!=':
      return [...half('<', bound)!, ...half('>', bound)!];
    default:
      return null;
  }
}

function interval(low: Expression, first: Relation, second: Relation, high: Expression): Tuple {
  return {
    kind: 'tuple',
    items: [low, high],
    open: first === '<=' ? '[' : '(',
    close: second === '<=' ? ']' : ')',
  };
}

function rising(operator: Relation): boolean {
  return operator === '<' || operator === '<=';
}

function isVariable(node: Expression): boolean {
  return node.kind === 'name' && variablesOf(node).length === 1;
}

function isConstant(node: Expression): boolean {
  return ['number', 'name', 'call'].includes(node.kind) && variablesOf(node).length === 0;
}
