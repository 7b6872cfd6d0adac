import { expect, test } from 'vitest';
import { completionOf, generateArithmetic } from './arithmetic.ts';
import { studyLevels } from './study-levels.ts';

const levels = Object.fromEntries(Object.keys(studyLevels).map((level) => [level, 1]));
const request = { levels, rows: 400, split: 'training', seed: 5 } as const;
const rows = generateArithmetic(request, studyLevels);

test('every line of the working is true and leads to the answer', () => {
  for (const { level, prompt, completion } of rows) {
    const answer = Number(/#### (\d+)$/.exec(completion)![1]);
    for (const [, a, sign, b, c] of completion.matchAll(/(\d+)([-+*])(\d+)=(\d+)/g)) {
      expect(compute(Number(a), sign!, Number(b)), `${prompt}: ${completion}`).toBe(Number(c));
    }
    expect(answer, prompt).toBe(level.startsWith('code') ? run(prompt) : tell(prompt));
  }
});

test('a level is its number of operations or statements', () => {
  for (const { level, prompt, completion } of rows) {
    const length = Number(level.split('-').at(-1));
    if (level.startsWith('code')) expect(prompt.split('\n')).toHaveLength(length + 1);
    else expect(completion.split('\n')).toHaveLength(length + 1);
  }
});

test('rows follow from the seed, and held-out problems are in no training file', () => {
  expect(generateArithmetic(request, studyLevels)).toEqual(rows);
  const heldOut = generateArithmetic({ ...request, split: 'held-out', seed: 6 }, studyLevels);
  const problems = (all: typeof rows) =>
    new Set(
      all.map(({ completion, level, prompt }) => (level.startsWith('code') ? prompt : completion)),
    );
  const trained = problems(generateArithmetic({ ...request, rows: 4000 }, studyLevels));
  expect([...problems(heldOut)].filter((problem) => trained.has(problem))).toEqual([]);
  expect(completionOf({ steps: ['1+1=2'], answer: 2 })).toBe('1+1=2\n#### 2');
});

function compute(a: number, sign: string, b: number): number {
  if (sign === '*') return a * b;
  return sign === '+' ? a + b : a - b;
}

/** A word problem by its words alone. */
function tell(prompt: string): number {
  const [first, ...events] = prompt.split('.')[0]!.split(', ');
  return events.reduce(
    (value, event) => {
      const number = Number(/\d+/.exec(event)?.[0]);
      if (event === 'doubles them') return value * 2;
      if (event.includes('times as many')) return value * number;
      return /gets|finds|buys/.test(event) ? value + number : value - number;
    },
    Number(/\d+/.exec(first!)![0]),
  );
}

/** A program, line by line. */
function run(prompt: string): number {
  const values = new Map<string, number>();
  const valueOf = (text: string): number => values.get(text) ?? Number(text);
  for (const line of prompt.split('\n')) {
    const printed = /^print\((\w)\)$/.exec(line);
    if (printed) return values.get(printed[1]!)!;
    const [, variable, limit, body = line] = /^if (\w) > (\d+): (.*)$/.exec(line) ?? [];
    if (variable !== undefined && values.get(variable)! <= Number(limit)) continue;
    const [, target, left, sign, right] = /^(\w) = (\w+)(?: ([-+*]) (\d+))?$/.exec(body)!;
    values.set(
      target!,
      sign === undefined ? valueOf(left!) : compute(valueOf(left!), sign, Number(right)),
    );
  }
  throw new Error('nothing is printed');
}
