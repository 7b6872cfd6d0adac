/**
 * A mathematical answer as a tree. Scalars are numbers, names and calls; around them stand lists,
 * tuples (which are also intervals: `(0, 1)` is either), matrices, unions and relations. Produced by
 * parse-answer.ts, given values by exact-value.ts and numeric-value.ts, compared by same-value.ts.
 */
import type { Rational } from './rational.ts';

export type Expression =
  | {
      kind: 'number';
      value: Rational;
      /** Digits after the decimal point as written; 0 for a whole number. */
      decimals: number;
    }
  /** A variable (`x`, `x_1`, `\theta`) or a constant (`pi`, `e`, `i`, `infinity`). */
  | { kind: 'name'; name: string }
  | { kind: 'call'; operation: string; parts: Expression[] }
  | { kind: 'list'; items: Expression[]; braces: boolean }
  | { kind: 'tuple'; items: Expression[]; open: '(' | '['; close: ')' | ']' }
  | { kind: 'matrix'; rows: Expression[][] }
  | { kind: 'union'; items: Expression[] }
  /** terms[0] operators[0] terms[1] operators[1] terms[2] ... */
  | { kind: 'relation'; terms: Expression[]; operators: Relation[] }
  /** Words; normalised to lower case and single spaces. */
  | { kind: 'text'; text: string };

export type Relation = '=' | '<' | '>' | '<=' | '>=' | '!=';

export const constants = new Set(['pi', 'e', 'i', 'infinity']);

export function call(operation: string, ...parts: Expression[]): Expression {
  return { kind: 'call', operation, parts };
}

/** Names that are not constants, in a fixed order. */
export function variablesOf(expression: Expression): string[] {
  const found = new Set<string>();
  const visit = (node: Expression): void => {
    if (node.kind === 'name' && !constants.has(node.name)) found.add(node.name);
    for (const child of childrenOf(node)) visit(child);
  };
  visit(expression);
  return [...found].sort();
}

export function childrenOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'call':
      return node.parts;
    case 'list':
    case 'tuple':
    case 'union':
      return node.items;
    case 'matrix':
      return node.rows.flat();
    case 'relation':
      return node.terms;
    default:
      return [];
  }
}

/** The same tree with every `plus-minus` read as plus (sign 1) or as minus (sign -1). */
export function withSign(node: Expression, sign: 1 | -1): Expression {
  if (node.kind !== 'call') return node;
  const parts = node.parts.map((part) => withSign(part, sign));
  if (node.operation === 'plus-minus') return call(sign === 1 ? 'add' : 'subtract', ...parts);
  if (node.operation === 'minus-plus') return call(sign === 1 ? 'subtract' : 'add', ...parts);
  return call(node.operation, ...parts);
}

export function hasSigns(node: Expression): boolean {
  const isSigned =
    node.kind === 'call' && (node.operation === 'plus-minus' || node.operation === 'minus-plus');
  return isSigned || childrenOf(node).some(hasSigns);
}
