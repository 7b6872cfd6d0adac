import { expect, test } from 'vitest';
import { countOutcomes, pairAnswers, usualPair } from './answer-pairs.ts';

const item = (model: string, index: number, correct: boolean, prompt = `Question ${index}`) => ({
  model,
  index,
  id: `row-${index}`,
  prompt,
  expected: '4',
  text: correct ? '#### 4' : '#### 5',
  answer: correct ? '4' : '5',
  correct,
});

test('pairs say what the candidate fixed and broke', () => {
  const right = [
    [true, true],
    [false, true],
    [true, false],
    [false, false],
  ];
  const items = right.flatMap(([before, after], index) => [
    item('sft', index, before!),
    item('weak-driven', index, after!),
  ]);
  const pairs = pairAnswers([...items, item('weak-driven', 9, true)], 'sft', 'weak-driven');
  expect(pairs.map(({ outcome }) => outcome)).toEqual([
    'both right',
    'fixed',
    'broken',
    'both wrong',
  ]);
  expect(countOutcomes(pairs)).toEqual({
    fixed: 1,
    broken: 1,
    'both wrong': 1,
    'both right': 1,
  });
  const back = pairAnswers(items, 'weak-driven', 'sft');
  expect(back[1]!.outcome).toBe('broken');
});

test('role lines of a single question are not shown, other prompts stay as they are', () => {
  const shown = (prompt: string) =>
    pairAnswers([item('a', 0, true, prompt), item('b', 0, true, prompt)], 'a', 'b')[0]!.question;
  expect(shown('user\nWhat is 1 + 1?\nassistant\n')).toBe('What is 1 + 1?');
  const longer = 'system\nBe brief.\nuser\nHi\nassistant';
  expect(shown(longer)).toBe(longer);
});

test('the usual comparison is with SFT for equal steps', () => {
  expect(usualPair(['base', 'baseline', 'sft', 'weak-driven'])).toEqual({
    reference: 'baseline',
    candidate: 'weak-driven',
  });
  expect(usualPair(['base', 'sft'])).toEqual({ reference: 'sft', candidate: 'sft' });
});
