import { expect, test } from 'vitest';
import { wordDiff } from './word-diff.ts';

const side = (parts: ReturnType<typeof wordDiff>, other: 'added' | 'removed'): string =>
  parts
    .filter(({ kind }) => kind !== other)
    .map(({ text }) => text)
    .join('');

test('what changed, and nothing else', () => {
  expect(wordDiff('3-2=1\n#### 91', '3-2=0\n#### 60')).toEqual([
    { kind: 'same', text: '3-2=' },
    { kind: 'removed', text: '1' },
    { kind: 'added', text: '0' },
    { kind: 'same', text: '\n#### ' },
    { kind: 'removed', text: '91' },
    { kind: 'added', text: '60' },
  ]);
});

test.each([
  ['', ''],
  ['', 'new'],
  ['old', ''],
  ['the same 😀', 'the same 😀'],
  ['a b c d e', 'c b a e d f'],
  ['x '.repeat(700), 'y'],
])('both texts can be read from it (%#)', (before, after) => {
  const parts = wordDiff(before, after);
  expect(side(parts, 'added')).toBe(before);
  expect(side(parts, 'removed')).toBe(after);
});
