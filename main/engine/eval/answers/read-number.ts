/**
 * The number at the beginning of a text, with everything that is written as part of one: thousands
 * (1,234 or 1 234), decimals, 1.5e-3, repeating decimals 0.\overline{3}, a base 1011_2, and mixed
 * numbers (1\frac{1}{2}, 1 1/2). Whether "1,234" is one number or two depends on the reader, so the
 * caller says which.
 */
import type { Expression } from './expression.ts';
import { call } from './expression.ts';
import * as rational from './rational.ts';

export interface NumberStyle {
  /** A comma before three digits groups them. */
  commaGroups: boolean;
}

export interface ReadNumber {
  expression: Expression;
  length: number;
}

export function readNumber(text: string, style: NumberStyle): ReadNumber | null {
  const grouped = style.commaGroups ? /^\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?/.exec(text) : null;
  const spaced = /^\d{1,3}(?: \d{3})+(?![\d/])(?:\.\d+)?/.exec(text);
  const written = (grouped ?? spaced ?? /^(?:\d+(?:\.\d*)?|\.\d+)/.exec(text))?.[0];
  if (written === undefined) return null;
  const plain = written.replace(/[, ]/g, '');
  const decimal = rational.fromDecimal(plain);
  if (!decimal) return null;
  const number: Expression = { kind: 'number', ...decimal };
  const rest = text.slice(written.length);
  return (
    repeating(plain, written, rest) ??
    scientific(number, written, rest) ??
    inBase(plain, written, rest) ??
    (decimal.decimals === 0 && !written.endsWith('.') ? mixed(number, written, rest) : null) ?? {
      expression: number,
      length: written.length,
    }
  );
}

function repeating(plain: string, written: string, rest: string): ReadNumber | null {
  const found = /^\\(?:overline|bar|dot)\s*\{?(\d{1,50})\}?/.exec(rest);
  if (!found || !plain.includes('.')) return null;
  const start = rational.fromDecimal(plain);
  const cycle = found[1]!;
  const places = 10n ** BigInt(start?.decimals ?? 0);
  const tail = rational.rational(BigInt(cycle), places * (10n ** BigInt(cycle.length) - 1n));
  const value = start && tail && rational.add(start.value, tail);
  if (!value) return null;
  const expression: Expression = { kind: 'number', value, decimals: 0 };
  return { expression, length: written.length + found[0].length };
}

function scientific(number: Expression, written: string, rest: string): ReadNumber | null {
  const found = /^[eE]([+-]?\d{1,4})(?![\d.a-zA-Z])/.exec(rest);
  if (!found) return null;
  const exponent = Number(found[1]);
  const tens: Expression = {
    kind: 'number',
    value: { top: BigInt(Math.abs(exponent)), bottom: 1n },
    decimals: 0,
  };
  const ten: Expression = { kind: 'number', value: { top: 10n, bottom: 1n }, decimals: 0 };
  const factor = call('power', ten, exponent < 0 ? call('negate', tens) : tens);
  return {
    expression: call('multiply', number, factor),
    length: written.length + found[0].length,
  };
}

function inBase(plain: string, written: string, rest: string): ReadNumber | null {
  const found = /^\s*_\s*(?:\{\s*(\d{1,2})\s*\}|(\d))/.exec(rest);
  if (!found || !/^\d{1,200}$/.test(plain)) return null;
  const base = BigInt(found[1] ?? found[2]!);
  if (base < 2n || [...plain].some((digit) => BigInt(digit) >= base)) return null;
  let top = 0n;
  for (const digit of plain) top = top * base + BigInt(digit);
  const value = rational.rational(top);
  if (!value) return null;
  const expression: Expression = { kind: 'number', value, decimals: 0 };
  return { expression, length: written.length + found[0].length };
}

function mixed(number: Expression, written: string, rest: string): ReadNumber | null {
  const found =
    /^\s*\\frac\s*(?:\{\s*(\d{1,9})\s*\}|(\d))\s*(?:\{\s*(\d{1,9})\s*\}|(\d))/.exec(rest) ??
    /^ +(\d{1,9})()\/(\d{1,9})()(?![\d.])/.exec(rest);
  if (!found || number.kind !== 'number') return null;
  const part = rational.rational(
    BigInt(found[1] || found[2]!),
    BigInt(found[3] || found[4] || '0'),
  );
  if (!part || part.top >= part.bottom) return null;
  const value = rational.add(number.value, part);
  if (!value) return null;
  return {
    expression: { kind: 'number', value, decimals: 0 },
    length: written.length + found[0].length,
  };
}
