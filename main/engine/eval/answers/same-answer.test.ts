import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sameAnswer } from './same-answer.ts';

const pairs = JSON.parse(
  readFileSync(new URL('../../../fixtures/evaluation/answer-pairs.json', import.meta.url), 'utf8'),
) as { equal: [string, string][]; different: [string, string][] };

describe('the list of pairs', () => {
  test('is long enough and has no pair twice', () => {
    const all = [...pairs.equal, ...pairs.different].map((pair) => JSON.stringify(pair));
    expect(all.length).toBeGreaterThan(300);
    expect(new Set(all).size).toBe(all.length);
  });

  test.each(pairs.equal)('%s is %s', (found, expected) => {
    expect(sameAnswer(found, expected)).toBe(true);
  });

  test.each(pairs.different)('%s is not %s', (found, expected) => {
    expect(sameAnswer(found, expected)).toBe(false);
    // A numeral may leave its base out, see above; everything else holds both ways.
    if (!found.includes('_')) expect(sameAnswer(expected, found)).toBe(false);
  });

  test('every answer is itself, framed or not', () => {
    for (const answer of new Set(pairs.equal.flat())) {
      expect(sameAnswer(answer, answer), answer).toBe(true);
      expect(sameAnswer(` $${answer}$. `, answer) || answer.includes('$'), answer).toBe(true);
    }
  });
});

/** No clock in the assertion: a hang fails by the test's own time limit. */
describe('hostile answers end, and are no answers', () => {
  const deep = 5000;
  test.each([
    ['9^{9^{9^{9}}}'],
    ['100000000!'],
    ['(x+1)^{5000000}'],
    ['('.repeat(900) + '1' + ')'.repeat(900)],
    ['\\sqrt{'.repeat(300) + '1' + '}'.repeat(300)],
    ['{'.repeat(deep)],
    ['\\frac'.repeat(390)],
    ['-'.repeat(1999)],
    ['1,'.repeat(999)],
    ['1 '.repeat(999)],
    [' '.repeat(1990) + 'x'],
    ['\\text{' + 'a '.repeat(900) + '}'],
    ['5 ' + 'a'.repeat(1900) + '!'],
    ['$'.repeat(1999)],
    ['\\boxed{'.repeat(280)],
    ['|'.repeat(1999)],
    ['x'.repeat(1999)],
    ['\\begin{pmatrix}' + '&\\\\'.repeat(400)],
    ['1'.repeat(1_000_000)],
    ['\u0000\ud800\u202e'],
    ['1e9999'],
    ['\\binom{1000000000}{500000000}'],
    ['0^{-1}'],
    ['\\log_1 5'],
  ])('%#', (answer) => {
    expect(sameAnswer(answer, '5')).toBe(false);
    expect(sameAnswer('5', answer)).toBe(false);
  });
});
