import { expect, test } from 'vitest';
import { keyResult } from './key-result.ts';

const result = (model: string, accuracy?: number) => ({
  model,
  items: 100,
  loss: 0.1234,
  ...(accuracy === undefined ? {} : { accuracy }),
});

test('the weak-driven model against SFT for equal steps', () => {
  const results = [result('sft', 0.6), result('baseline', 0.7), result('weak-driven', 0.655)];
  expect(keyResult({ results })).toEqual({
    text: 'weak-driven 65.5 %',
    gain: '−4.5 pp against SFT continued',
    direction: 'down',
  });
});

test('without a baseline, against SFT itself', () => {
  const results = [result('sft', 0.6), result('weak-driven', 0.65)];
  expect(keyResult({ results })).toMatchObject({ gain: '+5.0 pp against SFT', direction: 'up' });
});

test('what there is, where there is less', () => {
  expect(keyResult({ results: [] })).toBeNull();
  expect(keyResult({ results: [result('sft', 0.5)] })).toEqual({ text: 'sft 50.0 %' });
  expect(keyResult({ results: [result('base')] })).toEqual({
    text: 'base: held-out loss 0.1234',
  });
});
