/**
 * Whether two answers to a mathematical question are the same, as a mathematician would say: the same
 * text, the same words, or the same value (same-value.ts), whatever way they are written. Units count
 * where both sides have one; a percent may stand for its number or its fraction, an angle in degrees
 * for its number or its radians. The relation is not symmetric in one point: an answer may leave out
 * the base of a numeral that the expected answer gives. Never throws; bounded time on any text.
 */
import { cleanAnswer, LONGEST_ANSWER } from './clean-answer.ts';
import type { Expression } from './expression.ts';
import { call } from './expression.ts';
import { parseAnswer } from './parse-answer.ts';
import { sameValue } from './same-value.ts';
import type { Unit } from './units.ts';
import { splitUnit } from './units.ts';

export function sameAnswer(found: string, expected: string): boolean {
  if (found.trim() === '' || expected.trim() === '') return false;
  if (found.trim() === expected.trim()) return true;
  if (found.length > LONGEST_ANSWER || expected.length > LONGEST_ANSWER) return false;
  const [a, b] = [cleanAnswer(found), cleanAnswer(expected)];
  if (a === '' || b === '') return false;
  if (sameWords(a, b)) return true;
  const numeral = /^(\d+)\s*_\s*\{?\d+\}?$/.exec(b);
  if (numeral && a === numeral[1]) return true;
  if (sameQuantities(a, b)) return true;
  return sameMathematics(a, b);
}

/** Equal but for spaces, quotes, and capitals in words. */
function sameWords(a: string, b: string): boolean {
  const bare = (text: string) =>
    text
      .replace(/\\(?:text|textbf|textit|textrm|mathrm|mbox)\s*\{([^{}]*)\}/g, '$1')
      .replace(/"/g, '')
      .replace(/(?<!\d)\s+|\s+(?!\d)/g, '')
      .replace(/[a-zA-Z]{2,}/g, (word) => word.toLowerCase());
  return bare(a) === bare(b);
}

function sameQuantities(a: string, b: string): boolean {
  const [found, expected] = [splitUnit(a), splitUnit(b)];
  if (found.value === a && expected.value === b) return false;
  return someReading(found.value, expected.value, (x, y) =>
    sameWithUnits(x, found.unit, y, expected.unit),
  );
}

function sameMathematics(a: string, b: string): boolean {
  return someReading(a, b, sameValue);
}

/** "1,234" is a number or two: equal in one of the readings is equal. */
function someReading(
  a: string,
  b: string,
  same: (found: Expression, expected: Expression) => boolean,
): boolean {
  return readings(a).some((x) => readings(b).some((y) => same(x, y)));
}

function readings(text: string): Expression[] {
  const styles = /\d,\d{3}(?!\d)/.test(text) ? [true, false] : [true];
  return styles.flatMap((commaGroups) => parseAnswer(text, { commaGroups }) ?? []);
}

function sameWithUnits(
  found: Expression,
  foundUnit: Unit | null,
  expected: Expression,
  expectedUnit: Unit | null,
): boolean {
  if (foundUnit === null && expectedUnit === null) return sameValue(found, expected);
  if (foundUnit !== null && expectedUnit !== null) {
    if (foundUnit.dimension !== expectedUnit.dimension) return false;
    if (foundUnit.size === expectedUnit.size) return sameValue(found, expected);
    return sameValue(sized(found, foundUnit), sized(expected, expectedUnit));
  }
  if (sameValue(found, expected)) return true;
  const [quantity, unit, other] =
    foundUnit !== null ? [found, foundUnit, expected] : [expected, expectedUnit!, found];
  // 50% is also 0.5 and 45 degrees pi/4, but an expected 50% is not answered by 5000%.
  if (unit.dimension === 'percent') return sameValue(call('percent', quantity), other);
  if (unit.dimension === 'angle' && unit.size === 1) {
    return sameValue(call('degrees', quantity), other);
  }
  return false;
}

function sized(value: Expression, unit: Unit): Expression {
  const [whole = '0', decimals = ''] = unit.size.toString().split('.');
  const plain = /^\d+$/.test(whole + decimals) && !unit.size.toString().includes('e');
  if (!plain) return value;
  const size: Expression = {
    kind: 'number',
    value: { top: BigInt(whole + decimals), bottom: 10n ** BigInt(decimals.length) },
    decimals: 0,
  };
  return call('multiply', value, size);
}
