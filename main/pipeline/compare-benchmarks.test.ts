/** Evaluations on disk, found for the models they are of, and set side by side item by item. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { EvaluationLine, EvaluationVerdict } from '../contract/evaluation.ts';
import { evaluationRequestSchema } from '../contract/evaluation.ts';
import { mcnemarExact } from '../engine/eval/mcnemar.ts';
import { comparisonHtml } from '../engine/report/comparison-html.ts';
import { compareBenchmarkItems, compareModels } from './compare-models.ts';
import { openItemLog } from './evaluation/item-log.ts';
import { planEvaluation } from './evaluation/plan-evaluation.ts';
import { summarise } from './evaluation/summarise.ts';

const root = mkdtempSync(join(tmpdir(), 'benchmarks-'));
afterAll(() => rmSync(root, { recursive: true }));
const fixtures = join(import.meta.dirname, '..', 'fixtures', 'models');
const models = ['base', 'strong'].map((name) => {
  const folder = join(root, name);
  cpSync(join(fixtures, name), folder, { recursive: true });
  return folder;
});
const evaluationsFolder = join(root, 'evaluations');
const data = join(root, 'rows.jsonl');
const items = 12;
const rows = Array.from({ length: items }, (_, item) =>
  JSON.stringify({ question: `${item} + 0?`, answer: String(item) }),
);
writeFileSync(data, rows.join('\n'));

/** @param verdicts of each item's samples */
async function evaluated(name: string, model: string, verdicts: EvaluationVerdict[][]) {
  const samples = verdicts[0]!.length;
  const task = { task: 'gsm8k', data, samples };
  const plan = await planEvaluation(evaluationRequestSchema.parse({ model, ...task }));
  const folder = join(evaluationsFolder, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'evaluation.json'), '{}');
  const log = openItemLog(join(folder, 'items.jsonl'));
  verdicts.forEach((own, item) =>
    own.forEach((verdict, sample) => {
      const { id, question, expected } = plan.items[item]!;
      const line: EvaluationLine = {
        item,
        sample,
        id,
        question,
        expected,
        text: `${name} says ${item}.${sample}`,
        ids: [1],
        promptTokens: 1,
        finishReason: 'stop',
        answer: verdict === 'no-answer' ? null : String(item),
        verdict,
        started: 1,
        time: 2,
      };
      log.append(line);
    }),
  );
  const summary = summarise(plan, log.lines, null);
  log.close();
  writeFileSync(join(folder, 'summary.json'), JSON.stringify(summary));
}

const single = (right: (item: number) => boolean): EvaluationVerdict[][] =>
  Array.from({ length: items }, (_, item) => [right(item) ? 'correct' : 'wrong']);
await evaluated(
  'first',
  models[0]!,
  single((item) => item < 4),
);
await evaluated(
  'second',
  models[1]!,
  single((item) => item >= 2),
);

test('the same data, task and settings: scores, McNemar, items on demand', async () => {
  const { benchmarks } = await compareModels(models, { evaluationsFolder });
  const benchmark = benchmarks.find(({ settings }) => settings.samples === 1)!;
  expect(benchmark.scores.map((score) => score!.mean.value)).toEqual([4 / 12, 10 / 12]);
  expect(benchmark.paired[0]).toBeNull();
  expect(benchmark.paired[1]).toMatchObject({
    test: 'mcnemar',
    items,
    fixed: 8,
    broken: 2,
    bothCorrect: 2,
    bothWrong: 0,
    pValue: mcnemarExact(8, 2),
  });
  expect(benchmark.items).toBeNull();
  const read = await compareBenchmarkItems(models, benchmark.key, evaluationsFolder);
  expect(read.items).toHaveLength(items);
  expect(read.items![0]).toMatchObject({
    expected: '0',
    answers: [
      { text: 'first says 0.0', answer: '0', correct: true },
      { text: 'second says 0.0', answer: '0', correct: false },
    ],
  });
  await expect(compareBenchmarkItems(models, 'x', evaluationsFolder)).rejects.toMatchObject({
    code: 'run-missing',
  });
});

test('several samples: shares rise and fall, paired bootstrap; another benchmark than one sample', async () => {
  const three = (right: (item: number) => number): EvaluationVerdict[][] =>
    Array.from({ length: items }, (_, item) =>
      Array.from({ length: 3 }, (__, sample) => (sample < right(item) ? 'correct' : 'no-answer')),
    );
  await evaluated(
    'first-3',
    models[0]!,
    three(() => 1),
  );
  await evaluated(
    'second-3',
    models[1]!,
    three((item) => (item === 0 ? 0 : item < 8 ? 3 : 1)),
  );
  const whole = await compareModels(models, { evaluationsFolder, benchmarkItems: true });
  const benchmark = whole.benchmarks.find(({ settings }) => settings.samples === 3)!;
  const pair = benchmark.paired[1]!;
  expect(pair).toMatchObject({ test: 'bootstrap', items, fixed: 7, broken: 1, bothWrong: 4 });
  expect(pair.difference).toBeCloseTo((7 * 2 - 1) / 3 / items, 12);
  expect(pair.low).toBeGreaterThan(0);
  expect(pair.pValue).toBeLessThan(0.05);
  expect(benchmark.items![1]!.answers[1]).toMatchObject({ answer: '3 of 3 right', correct: true });
  const page = comparisonHtml(whole);
  expect(page).toContain('mean@3');
  expect(page).toContain('second-3 says 1.0');
});

test('a model that has changed since is said to be another one', async () => {
  const later = new Date(Date.now() + 60_000);
  utimesSync(join(models[1]!, 'model.safetensors'), later, later);
  const { benchmarks, missing } = await compareModels(models, { evaluationsFolder });
  expect(benchmarks.every(({ scores }) => scores[1] === null)).toBe(true);
  expect(missing.join('\n')).toContain('has changed since it was evaluated');
});
