import { describe, expect, test } from 'vitest';
import { addition, arithmeticLevels, multiplication, subtraction } from './arithmetic-levels.ts';
import type { ArithmeticRequest } from './arithmetic.ts';
import { completionOf, generateArithmetic, splitOf } from './arithmetic.ts';

const allLevels = Object.fromEntries(Object.keys(arithmeticLevels).map((level) => [level, 1]));
const request: ArithmeticRequest = { levels: allLevels, rows: 550, split: 'training', seed: 7 };

describe('working', () => {
  test('carries and borrows', () => {
    expect(addition(987, 58).steps).toEqual(['7+8=15', '8+5+1=14', '9+0+1=10']);
    expect(subtraction(302, 58).steps).toEqual(['10+2-8=4', '10+0-5-1=4', '3-0-1=2']);
    expect(multiplication(47, 8).steps).toEqual(['7*8=56', '4*8+5=37']);
  });

  test('ends in the answer', () => {
    expect(completionOf(addition(37, 48))).toBe('7+8=15\n3+4+1=8\n#### 85');
  });
});

describe('generated rows', () => {
  test('every line of every answer is true and the last one follows from the prompt', () => {
    for (const { prompt, completion } of generateArithmetic(request)) {
      const lines = completion.split('\n');
      for (const line of lines.slice(0, -1)) {
        const [left, right] = line.split('=') as [string, string];
        expect(valueOf(left), line).toBe(Number(right));
      }
      const answer = Number(/^#### (\d+)$/.exec(lines.at(-1)!)![1]);
      const asked = /^What is (.*)\?$/.exec(prompt);
      expect(answer, prompt).toBe(valueOf(asked ? asked[1]! : expressionOf(prompt)));
    }
  });

  test('have the asked shares, distinct prompts and ids', () => {
    const rows = generateArithmetic({ ...request, levels: { 'add-2': 3, story: 1 }, rows: 402 });
    const perLevel = (level: string) => rows.filter((row) => row.level === level).length;
    expect([perLevel('add-2'), perLevel('story')]).toEqual([302, 100]);
    expect(new Set(rows.map(({ prompt }) => prompt)).size).toBe(402);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(402);
  });

  test('follow from the seed', () => {
    expect(generateArithmetic(request)).toEqual(generateArithmetic(request));
    expect(generateArithmetic({ ...request, seed: 8 })).not.toEqual(generateArithmetic(request));
  });

  test('never share a problem between training and held out, whatever the wording', () => {
    const numbers = (prompt: string) => {
      const [a, b, ...others] = prompt.match(/\d+/g)!.map(Number) as [number, number];
      const sign = /-|sells|left/.test(prompt) && others.length === 0;
      const pair = sign ? [a, b] : [Math.min(a, b), Math.max(a, b)];
      const operations = /\*|fills/.test(prompt) ? '*' : sign ? '-' : '+';
      const last = others.length === 0 ? '' : /-|left/.test(prompt) ? '-' : '+';
      return [operations, ...pair, last, ...others].join(' ');
    };
    const rows = { ...request, rows: 3300, levels: { ...allLevels, 'multiply-1': 0.02 } };
    delete (rows.levels as Record<string, number>)['add-1'];
    delete (rows.levels as Record<string, number>)['subtract-1'];
    const training = new Set(generateArithmetic(rows).map(({ prompt }) => numbers(prompt)));
    const heldOut = generateArithmetic({ ...rows, rows: 500, split: 'held-out', seed: 1 });
    expect(heldOut.filter(({ prompt }) => training.has(numbers(prompt)))).toEqual([]);
  });

  test('a share of about an eighth is held out', () => {
    const keys = Array.from({ length: 8000 }, (_, index) => `${index % 97}+${index}`);
    const heldOut = keys.filter((key) => splitOf({ key }) === 'held-out').length;
    expect(Math.abs(heldOut - 1000)).toBeLessThan(100);
  });

  test('cannot exceed the problems there are, nor be of unknown levels', () => {
    const tooMany = { ...request, levels: { 'multiply-1': 1 }, rows: 65 };
    expect(() => generateArithmetic(tooMany)).toThrow(/Level multiply-1 has about \d+ problems/);
    expect(() => generateArithmetic({ ...request, levels: { division: 1 } })).toThrow(
      'There is no level division.',
    );
    expect(() => generateArithmetic({ ...request, rows: 0 })).toThrow('0 rows');
  });
});

/** Left to right with products first, as the problems are written. */
function valueOf(expression: string): number {
  const terms = expression.replaceAll(' ', '').match(/[+-]?[^+-]+/g)!;
  return terms.reduce((sum, term) => {
    const factors = term.replace(/^[+-]/, '').split('*').map(Number);
    const product = factors.reduce((value, factor) => value * factor, 1);
    return term.startsWith('-') ? sum - product : sum + product;
  }, 0);
}

/** A story as an expression. */
function expressionOf(prompt: string): string {
  const [a, b, c] = prompt.match(/\d+/g)!;
  if (prompt.includes('fills')) return c === undefined ? `${a}*${b}` : `${a}*${b}-${c}`;
  if (c !== undefined) return `${a}+${b}-${c}`;
  return prompt.includes('sells') ? `${a}-${b}` : `${a}+${b}`;
}
