import { beforeEach, expect, test } from 'vitest';
import { emptyDraft } from './draft.ts';
import { dropDraft, freshDraft, keepDraft, readDraft } from './kept-draft.ts';
import type { KeptDraft } from './kept-draft.ts';

const entries = new Map<string, string>();
const storage = {
  getItem: (key: string) => entries.get(key) ?? null,
  setItem: (key: string, value: string) => void entries.set(key, value),
  removeItem: (key: string) => void entries.delete(key),
} as unknown as Storage;
beforeEach(() => entries.clear());

const half: KeptDraft = {
  draft: {
    ...emptyDraft(),
    model: '/models/qwen3',
    joint: { ...emptyDraft().joint, lambda: 0.42 },
  },
  step: 'data',
  visited: ['start', 'model', 'data'],
};

test('a draft comes back as it was left, with what is still to be chosen empty', () => {
  keepDraft(half, storage);
  expect(readDraft(storage)).toEqual(half);
  expect(readDraft(storage).draft.data.file).toBe('');
});

test('nothing kept, discarded, damaged, or of another version: a fresh one', () => {
  expect(readDraft(storage)).toEqual(freshDraft());
  keepDraft(half, storage);
  dropDraft(storage);
  expect(readDraft(storage)).toEqual(freshDraft());
  for (const text of [
    '{"draft"',
    'null',
    JSON.stringify({ ...half, step: 'another' }),
    JSON.stringify({ ...half, draft: { ...half.draft, newSetting: 1 } }),
  ]) {
    entries.set('new-run', text);
    expect(readDraft(storage)).toEqual(freshDraft());
  }
});
