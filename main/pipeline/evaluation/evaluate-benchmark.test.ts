/**
 * What becomes of finished generations: scores, judged programs, refusals. The generations are written
 * here, so no model runs (evaluation-kill.test.ts has that); the sandbox is the machine's own.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type {
  EvaluationLine,
  EvaluationProgress,
  EvaluationRequestInput,
} from '../../contract/evaluation.ts';
import { evaluationRequestSchema } from '../../contract/evaluation.ts';
import { wilsonInterval } from '../../engine/eval/wilson-interval.ts';
import { findSandbox } from '../../engine/eval/sandbox/find-sandbox.ts';
import { evaluateBenchmark } from './evaluate-benchmark.ts';
import { openItemLog } from './item-log.ts';
import { planEvaluation } from './plan-evaluation.ts';

const model = fileURLToPath(new URL('../../fixtures/models/base', import.meta.url));
const refused = await findSandbox().then((found) => 'refused' in found);
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'evaluate-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function data(rows: unknown[]): string {
  const path = join(folder, 'rows.jsonl');
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'));
  return path;
}

const plan = (request: Omit<EvaluationRequestInput, 'model'>) =>
  planEvaluation(evaluationRequestSchema.parse({ model, ...request }));

function write(lines: (Partial<EvaluationLine> & { text: string })[], samples: number): void {
  mkdirSync(join(folder, 'out'));
  const log = openItemLog(join(folder, 'out', 'items.jsonl'));
  for (const [index, line] of lines.entries()) {
    log.append({
      item: Math.floor(index / samples),
      sample: index % samples,
      id: index,
      question: '',
      expected: '',
      ids: [1, 2],
      promptTokens: 3,
      finishReason: 'stop',
      answer: null,
      verdict: null,
      started: 1000,
      time: 3000 + index,
      ...line,
    });
  }
  log.close();
}

async function finish(planned: Awaited<ReturnType<typeof plan>>) {
  const seen: EvaluationProgress[] = [];
  const summary = await evaluateBenchmark(planned, {
    folder: join(folder, 'out'),
    onProgress: (progress) => seen.push(progress),
    breathe: async () => {},
  });
  return { summary, seen };
}

test('samples become mean@n and pass@k, each with its interval', async () => {
  const rows = [1, 2].map((answer) => ({ question: `${answer}?`, answer: String(answer) }));
  const planned = await plan({ task: 'gsm8k', data: data(rows), samples: 2, passAt: [2, 1] });
  expect(planned.settings).toMatchObject({ temperature: 0.5, maxNewTokens: 4096, seed: 42 });
  expect(planned.settings.systemPrompt).toContain('\\boxed{answer here}');
  write(
    [
      { text: '#### 1', answer: '1', verdict: 'correct' },
      { text: '#### 3', answer: '3', verdict: 'wrong', finishReason: 'length' },
      { text: '', verdict: 'no-answer', started: 9000, time: 9500 },
      { text: '#### 1', answer: '1', verdict: 'wrong', started: 9000, time: 9700 },
    ],
    2,
  );
  const { summary, seen } = await finish(planned);
  expect(summary).toMatchObject({
    hash: planned.hash,
    items: 2,
    samples: 2,
    mean: { value: 0.25 },
    passAt: [
      { k: 1, value: 0.25 },
      { k: 2, value: 0.5, ...wilsonInterval(1, 2) },
    ],
    cutOff: 1,
    withoutAnswer: 1,
    tokens: 8,
    seconds: 2.001 + 0.7,
    finished: 9700,
  });
  expect(summary.warnings[0]).toMatch(/published with 1319 items; the file has 2/);
  expect(summary.verdicts[1]).toEqual({
    item: 1,
    id: 1,
    expected: '2',
    answers: [null, '1'],
    verdicts: ['no-answer', 'wrong'],
  });
  expect(seen.map(({ kind }) => kind)).toEqual(['evaluation-started', 'evaluation-finished']);
  expect(seen[0]).toMatchObject({ items: 2, generations: 4, kept: 4 });
  expect(JSON.parse(readFileSync(join(folder, 'out', 'summary.json'), 'utf8'))).toEqual(summary);
});

describe('programs', () => {
  const rows = [
    {
      task_id: 2,
      text: 'Add.',
      code: '',
      test_setup_code: '',
      test_list: ['assert add(1, 2) == 3'],
    },
  ];
  test.skipIf(refused)('are judged in the sandbox, also those an earlier start left', async () => {
    const planned = await plan({ task: 'mbpp', data: data(rows), samples: 2 });
    const program = (body: string) => `\`\`\`python\ndef add(a, b):\n    return ${body}\n\`\`\``;
    write([{ text: program('a + b') }, { text: program('a - b') }], 2);
    const { summary } = await finish(planned);
    expect(summary.verdicts[0]!.verdicts).toEqual(['correct', 'wrong']);
    expect(summary.sandbox).toContain('bubblewrap');
    const lines = readFileSync(join(folder, 'out', 'items.jsonl'), 'utf8')
      .trim()
      .split('\n');
    expect(lines.map((line) => (JSON.parse(line) as EvaluationLine).detail?.slice(0, 6))).toEqual([
      undefined,
      undefined,
      'passed',
      'failed',
    ]);
    // Judged once: nothing is appended the next time.
    await finish(planned);
    expect(
      readFileSync(join(folder, 'out', 'items.jsonl'), 'utf8')
        .trim()
        .split('\n'),
    ).toHaveLength(4);
  });

  test.runIf(refused)('are refused where there is no sandbox', async () => {
    const planned = await plan({ task: 'mbpp', data: data(rows) });
    await expect(finish(planned)).rejects.toMatchObject({ code: 'sandbox-missing' });
    expect(existsSync(join(folder, 'out', 'items.jsonl'))).toBe(false);
  });
});

test('settings that make no sense are refused before anything runs', async () => {
  const file = data([{ question: 'q', answer: '1' }]);
  const gsm = { task: 'gsm8k', data: file };
  await expect(plan({ ...gsm, samples: 2, temperature: 0 })).rejects.toThrow('greedy samples');
  await expect(plan({ ...gsm, samples: 2, passAt: [3] })).rejects.toThrow('pass@3');
  await expect(plan({ task: 'gsm8k' })).rejects.toThrow('GSM8K needs its data file');
  await expect(plan({ ...gsm, data: join(folder, 'none') })).rejects.toMatchObject({
    code: 'file-missing',
  });
});

test('the hash tells evaluations apart and does not know where files lie', async () => {
  const row = { question: 'q', answer: '1' };
  const first = await plan({ task: 'gsm8k', data: data([row]) });
  const copy = join(folder, 'copy.json');
  writeFileSync(copy, JSON.stringify(row));
  const same = await plan({ task: 'gsm8k', data: copy, passAt: [1] });
  expect(same.hash).toBe(first.hash);
  const others = [
    await plan({ task: 'gsm8k', data: copy, seed: 1 }),
    await plan({ task: 'gsm8k', data: copy, maxNewTokens: 5 }),
    await plan({ task: 'math500', data: copy }),
    await plan({ task: 'gsm8k', data: data([{ question: 'q', answer: '2' }]) }),
  ];
  expect(new Set([first, ...others].map(({ hash }) => hash)).size).toBe(5);
});
