/** Comparisons of runs as the pipeline leaves them, of their checkpoints, and of plain model folders. */
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { mcnemarExact } from '../engine/eval/mcnemar.ts';
import { comparisonHtml } from '../engine/report/comparison-html.ts';
import { makeRunFolder } from '../fixtures/report/run-folder.ts';
import { compareModels } from './compare-models.ts';

const root = mkdtempSync(join(tmpdir(), 'compare-'));
afterAll(() => rmSync(root, { recursive: true }));
const models = join(import.meta.dirname, '..', 'fixtures', 'models');
const size = { rows: 30, items: 60, steps: 80 };
const first = makeRunFolder(root, 'first', size);
const second = makeRunFolder(root, 'second', {
  ...size,
  accuracies: [0.1, 0.5, 0.5, 0.9],
  config: { name: 'Other', joint: { lambda: 0.6 } },
});

describe('two runs', async () => {
  const comparison = await compareModels([first, second]);

  test('are their weak-driven models, with only the settings that differ', () => {
    expect(comparison.models.map(({ label }) => label)).toEqual([
      'Arithmetic, tiny Qwen3 · weak-driven',
      'Other · weak-driven',
    ]);
    expect(comparison.settings).toEqual([
      { name: 'name', values: ['Arithmetic, tiny Qwen3', 'Other'] },
      { name: 'joint.lambda', values: ['0.45', '0.6'] },
    ]);
  });

  test('answers are set side by side, and counted as they are listed', () => {
    const { items, paired, scores } = comparison.evaluation!;
    const pair = paired[1]!;
    expect(items).toHaveLength(60);
    const fixed = items.filter(({ answers: [a, b] }) => !a!.correct && b!.correct).length;
    const broken = items.filter(({ answers: [a, b] }) => a!.correct && !b!.correct).length;
    expect(pair).toMatchObject({ fixed, broken, items: 60, pValue: mcnemarExact(fixed, broken) });
    expect(pair.difference).toBeCloseTo(scores[1]!.accuracy! - scores[0]!.accuracy!, 12);
    expect(paired[0]).toBeNull();
  });

  test('curves are those of the stage that made each model', () => {
    expect(comparison.curves.map(({ model, stage }) => [model, stage])).toEqual([
      [0, 'joint'],
      [1, 'joint'],
    ]);
    const loss = comparison.curves[0]!.curves.find(({ metric }) => metric === 'loss');
    expect(loss?.step).toHaveLength(80);
  });

  test('entropies come from the held-out items', () => {
    const { rows, ids, entropies } = comparison.entropy!;
    expect([rows, ids.length]).toEqual(['held-out', 60]);
    expect(entropies[1]![0]).toBe(comparison.evaluation!.items[0]!.answers[1]!.entropy);
  });

  test('as HTML: no scripts, hostile text as text', async () => {
    const text = '"><script>window.x=1</script>';
    const hostile = makeRunFolder(root, 'hostile', { ...size, text });
    const page = comparisonHtml(await compareModels([hostile, `${hostile}:sft`]));
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;');
  });
});

test('members of one run, and a checkpoint whose curve ends at its step', async () => {
  const checkpoint = join(first, 'checkpoints', 'joint', 'step-40');
  const {
    models: found,
    curves,
    missing,
  } = await compareModels([`${first}:baseline`, `${first}:sft`, checkpoint]);
  expect(found.map(({ member, stage, step }) => [member, stage, step])).toEqual([
    ['baseline', 'baseline', undefined],
    ['sft', 'sft', undefined],
    [undefined, 'joint', 40],
  ]);
  expect(curves[2]!.curves[0]!.step.at(-1)).toBe(40);
  expect(missing).toContain(
    'Evaluation: Arithmetic, tiny Qwen3 · joint step 40 has not been evaluated by its run.',
  );
});

test('steps that a resumed run repeated count once, and a torn line is passed over', async () => {
  const resumed = makeRunFolder(root, 'resumed', size);
  const event = { seq: 9999, time: 1, runId: 'run', kind: 'step', stage: 'joint', step: 70 };
  appendFileSync(
    join(resumed, 'events.jsonl'),
    `{"seq":1,"kind":"step","stage":"joint","st\n${JSON.stringify({ ...event, steps: 80, loss: 7 })}\n`,
  );
  const { curves } = await compareModels([resumed, first]);
  const loss = curves[0]!.curves.find(({ metric }) => metric === 'loss')!;
  expect([loss.step.length, loss.step.at(-1), loss.mean.at(-1)]).toEqual([70, 70, 7]);
});

test('curves of a long log are kept, and read again when it has grown', async () => {
  const long = makeRunFolder(root, 'long', { ...size, steps: 4000 });
  const cacheFolder = join(root, 'kept');
  const lossOf = async (): Promise<number[]> => {
    const { curves } = await compareModels([long, first], { cacheFolder });
    return curves[0]!.curves.find(({ metric }) => metric === 'loss')!.mean;
  };
  const read = await lossOf();
  expect(readdirSync(cacheFolder).filter((name) => name.startsWith('curves-'))).toHaveLength(1);
  expect(await lossOf()).toEqual(read);
  const step = { kind: 'step', stage: 'joint', step: 4001, steps: 4001, loss: 1000 };
  appendFileSync(
    join(long, 'events.jsonl'),
    `${JSON.stringify({ seq: 99_999, time: 1, runId: 'run', ...step })}\n`,
  );
  expect(Math.max(...(await lossOf()))).toBeGreaterThan(100);
});

test('model folders: weights alone, with the reason for what is missing', async () => {
  const paths = ['base', 'strong', 'untied'].map((name) => join(models, name));
  const { weights, evaluation, missing } = await compareModels(paths, { weights: true });
  expect(evaluation).toBeNull();
  expect(weights!.models[1]!.total).toBeGreaterThan(0);
  expect(weights!.models[2]).toBeNull();
  expect(missing.some((sentence) => sentence.startsWith('Weights of untied: '))).toBe(true);
});

test.each([
  [[first], 'two to 6 models, not 1'],
  [[first, `${first}:weak-driven`], 'is the same model as'],
  [[first, join(root, 'nothing')], 'There is no run, checkpoint or model folder'],
  [[first, `${first}:best`], 'best of'],
  [[first, `${join(models, 'base')}:sft`], 'is no run'],
])('%# is refused', async (paths, message) => {
  await expect(compareModels(paths)).rejects.toThrow(message);
});
