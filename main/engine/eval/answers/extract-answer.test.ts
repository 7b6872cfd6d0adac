import { describe, expect, test } from 'vitest';
import { choiceLetter, extractAnswer } from './extract-answer.ts';
import type { AnswerKind } from './extract-answer.ts';

test.each<[AnswerKind, string, string | null]>([
  ['math', 'so \\boxed{\\frac{1}{2}}.', '\\frac{1}{2}'],
  ['math', 'first \\boxed{1}, no: \\boxed{\\sqrt{\\frac{3}{4}}}', '\\sqrt{\\frac{3}{4}}'],
  ['math', '\\boxed{\\{1, 2\\}}', '\\{1, 2\\}'],
  ['math', '$\\boxed{2}$ and $\\boxed{3}$', '2, 3'],
  ['math', '\\boxed{3} was wrong. It is \\boxed 5', '5'],
  ['math', 'cut off in \\boxed{12', null],
  ['math', '<think>maybe \\boxed{3}</think><answer>\\boxed{4}</answer>', '4'],
  ['math', '<think>it is \\boxed{3}</think> as shown above', '3'],
  ['math', '<think>2</think> <answer> x^2 </answer>', 'x^2'],
  ['math', '<think>2</think> <answer> The answer is x^2. </answer>', 'x^2'],
  ['math', 'The answer is $\\frac12$.', '$\\frac12$'],
  ['math', 'I cannot say: 1, 2 or 3', null],
  ['number', '3+4=7\n#### 72\n', '72'],
  ['number', '#### 1,234', '1,234'],
  ['number', 'So she has 5 + 3 = 8 apples left.', '8'],
  ['number', 'Total: $1,250.50.', '1,250.50'],
  ['number', 'it falls to -3', '-3'],
  ['number', 'The answer is 18 dollars. There were 3 days.', '18'],
  ['number', '<answer>He needs 24 * 24 = 576 tiles</answer>', '576'],
  ['number', '<think>9</think>', '9'],
  ['number', 'no number', null],
  ['number', '', null],
  ['exact', '<answer> Paris </answer>', 'Paris'],
  ['exact', '  Paris\n', 'Paris'],
  // The reference evaluator's own cases.
  ['choice', 'work... \\boxed{C}', 'C'],
  ['choice', 'The final answer is (D).', 'D'],
  ['choice', 'Compare A and B before deciding.', null],
  ['choice', 'The answer is a matter of taste', null],
  ['choice', 'Answer: B', 'B'],
  ['choice', '<answer>\\boxed{(E)}</answer>', '(E)'],
  ['choice', 'Therefore\n(A)', 'A'],
  ['choice', 'so \\boxed{23.65}', '23.65'],
])('%s: %j -> %j', (kind, response, answer) => {
  expect(extractAnswer(response, kind)).toBe(answer);
});

test('the last number of a response that was cut off is a step and no answer', () => {
  const cut = (text: string, kind: AnswerKind = 'number') => extractAnswer(text, kind, false);
  expect(cut('First 3 + 5 = 8. Then 8')).toBeNull();
  expect(cut('Paris is', 'exact')).toBeNull();
  expect(cut('The answer is 8. Let me check: 3')).toBe('8');
  expect(cut('#### 8\nNow')).toBe('8');
  expect(cut('\\boxed{8} or maybe \\boxed{9')).toBe('8');
});

test('letters of choices', () => {
  const letters = ['C', '(c)', '\\text{C}', '\\text{(C)} 12', 'C) 12', 'C.', '**C**'];
  expect(letters.map(choiceLetter)).toEqual(letters.map(() => 'C'));
  expect(['12', 'Cat', 'CD', '', 'x'].map(choiceLetter)).toEqual([null, null, null, null, null]);
});

describe('long hostile responses end', () => {
  test.each([
    ['<answer>'.repeat(200_000)],
    ['\\boxed{'.repeat(200_000)],
    ['\\boxed '.repeat(200_000)],
    ['answer is '.repeat(150_000)],
    ['{'.repeat(1_000_000)],
    [' '.repeat(1_000_000) + 'x'],
    ['1,'.repeat(500_000)],
    ['\\boxed{1}'.repeat(100_000)],
  ])('%#', (response) => {
    for (const kind of ['number', 'math', 'choice', 'exact'] as const) {
      expect(String(extractAnswer(response, kind)).length).toBeLessThanOrEqual(response.length);
    }
  });
});
