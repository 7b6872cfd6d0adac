import { expect, test } from 'vitest';
import { evaluationRequestSchema } from '../../main/contract/evaluation.ts';
import { emptyForm, openQuestion, ownTask, toRequests } from './evaluation-form.ts';

const filled = { ...emptyForm, models: ['/a', '/b'], data: '/gsm8k/test.jsonl' };

test('one request for each model; what is left empty is left to the benchmark', () => {
  const requests = toRequests({ ...filled, limit: 100 });
  expect(requests).toEqual(
    ['/a', '/b'].map((model) => ({
      model,
      task: 'gsm8k',
      data: '/gsm8k/test.jsonl',
      samples: 1,
      seed: 42,
      precision: 'f32',
      limit: 100,
    })),
  );
  for (const request of requests) {
    expect(evaluationRequestSchema.safeParse(request).success).toBe(true);
  }
});

test('a task of one’s own may name its data itself', () => {
  const own = { ...filled, task: ownTask, data: '' } as const;
  expect(openQuestion(own)).toBe('Choose the task file.');
  const complete = { ...own, taskFile: '/tasks/mine.yaml' };
  expect(openQuestion(complete)).toBeNull();
  expect(toRequests(complete)[0]).toMatchObject({ task: '/tasks/mine.yaml' });
  expect(toRequests(complete)[0]).not.toHaveProperty('data');
});

test('what is missing or makes no sense is said', () => {
  expect(openQuestion(emptyForm)).toBe('Choose at least one model.');
  expect(openQuestion({ ...filled, data: '' })).toContain('data file');
  expect(openQuestion({ ...filled, samples: 8, temperature: 0 })).toContain('the same');
  expect(openQuestion({ ...filled, models: [...'1234567'] })).toContain('At most 6');
  expect(openQuestion(filled)).toBeNull();
});
