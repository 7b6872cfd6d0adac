import { expect, test } from 'vitest';
import type { RunSummary } from '../../main/contract/runs.ts';
import { askedModel, namesOfAddress, namesOfRun, outcomeOf } from './compared-items.ts';

const run = (id: string, ...models: string[]): RunSummary =>
  ({ id, results: models.map((model) => ({ model })) }) as unknown as RunSummary;
const done = run('a', 'sft step 64', 'base', 'sft', 'baseline', 'weak-driven');

test('names of models', () => {
  expect(askedModel('a')).toEqual({ runId: 'a' });
  expect(askedModel('a:sft')).toEqual({ runId: 'a', member: 'sft' });
  expect(askedModel('/models/a:b')).toEqual({ path: '/models/a:b' });
  expect(namesOfRun(done)).toEqual(['a', 'a:baseline', 'a:sft', 'a:base']);
  expect(namesOfRun(run('b'))).toEqual(['b']);
});

test('one run alone is set beside its own baseline', () => {
  expect(namesOfAddress('a', [done])).toEqual(['a:baseline', 'a']);
  expect(namesOfAddress('a,a', [done])).toEqual(['a:baseline', 'a']);
  expect(namesOfAddress('a', [run('a', 'base', 'sft', 'weak-driven')])).toEqual(['a:sft', 'a']);
  expect(namesOfAddress('a', [run('a', 'base')])).toEqual(['a']);
  expect(namesOfAddress('a,b', [done])).toEqual(['a', 'b']);
  expect(namesOfAddress('%2Fmodels%2Fx,a', [done])).toEqual(['/models/x', 'a']);
});

test('what became of an item', () => {
  const answers = [true, false, true].map((correct) => ({ text: '', answer: '', correct }));
  const item = { id: 1, prompt: '', expected: '', answers };
  expect([1, 2].map((model) => outcomeOf(item, model))).toEqual(['broken', 'both right']);
});
