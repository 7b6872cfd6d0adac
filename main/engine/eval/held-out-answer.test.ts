/** Completions as people's files have them, and responses that were cut off. */
import { expect, test } from 'vitest';
import { sameAnswer } from './answers/same-answer.ts';
import { heldOutAnswer } from './held-out-answer.ts';

test.each([
  ['7+5=12\n1+2+1=4\n#### 42', '42'],
  ['<think>17 or 18</think> <answer>So \\boxed{\\frac{1}{2}}.</answer>', '\\frac{1}{2}'],
  ['<think>3</think><answer>\\frac{3}{4}</answer>', '\\frac{3}{4}'],
  ['Each costs $4, so the answer is $1,234.', '$1,234'],
  ['That makes 12 apples and 30 pears.', '30'],
  ['Paris', 'Paris'],
  ['', ''],
])('%j answers %j', (text, answer) => {
  expect(heldOutAnswer(text, true)).toBe(answer);
});

test('a response that was cut off has only the answer it had marked', () => {
  expect(heldOutAnswer('7+5=12, then 1+2', false)).toBe('');
  expect(heldOutAnswer('Paris is the', false)).toBe('');
  expect(heldOutAnswer('#### 42\nand then 17', false)).toBe('42');
});

test('equal answers in other words are equal', () => {
  const expected = heldOutAnswer('It is \\boxed{0.5}', true);
  expect(sameAnswer(heldOutAnswer('#### 1/2', true), expected)).toBe(true);
  expect(sameAnswer(heldOutAnswer('#### 0.51', true), expected)).toBe(false);
  expect(sameAnswer('', heldOutAnswer('', true))).toBe(false);
});
