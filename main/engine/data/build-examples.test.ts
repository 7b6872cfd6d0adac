import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataSchema } from '../../contract/config.ts';
import { loadTokenizer } from '../tokenizer/tokenizer.ts';
import type { BuildOptions } from './build-examples.ts';
import { buildExamples } from './build-examples.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const tokenizer = loadTokenizer(join(FIXTURES, 'tokenizer'));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'examples-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function build(
  rows: (object | string)[],
  data: object = {},
  options: Partial<Omit<BuildOptions, 'data'>> = {},
) {
  const file = join(folder, 'train.jsonl');
  const lines = rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row)));
  writeFileSync(file, lines.join('\n'));
  return buildExamples({
    data: dataSchema.parse({ file, ...data }),
    tokenizer,
    maxLength: 4096,
    lossOn: 'completion',
    ...options,
  });
}
const ask = (question: string, answer = '4') => ({ question, answer });

describe('building examples', () => {
  it('reads the reference data as it is, and counts', async () => {
    const progress: number[] = [];
    const { examples, report } = await buildExamples({
      data: dataSchema.parse({ file: join(FIXTURES, 'data/train.jsonl') }),
      tokenizer,
      maxLength: 4096,
      lossOn: 'completion',
      onProgress: ({ rows }) => progress.push(rows),
    });
    expect(examples.map(({ id }) => id)).toEqual(Array.from({ length: 64 }, (_, id) => id));
    expect(report).toMatchObject({ rows: 64, kept: 64, truncated: 0, allMasked: 0, skipped: 0 });
    expect(report.tokens).toBe(examples.reduce((sum, { ids }) => sum + ids.length, 0));
    expect(report.lengths.counts.reduce((sum, count) => sum + count, 0)).toBe(64);
    expect(report.warnings).toEqual([]);
    expect(progress).toEqual([]);
  });

  it('reports progress with the part of the file that was read', async () => {
    const seen: { rows: number; fraction?: number }[] = [];
    const rows = Array.from({ length: 600 }, (_, index) => ask(`What is ${index}?`));
    await build(rows, {}, { onProgress: (progress) => seen.push(progress) });
    expect(seen.map(({ rows }) => rows)).toEqual([256, 512]);
    expect(seen[1]!.fraction).toBeGreaterThan(seen[0]!.fraction!);
  });

  it('counts what was cut, left out, said twice, and what has an id twice', async () => {
    const rows = [
      { id: 'x', ...ask('a') },
      { id: 'x', ...ask('b') },
      ask('a'),
      ask('long answer', 'one two three four five six seven eight nine ten eleven twelve'),
      ask('a very long question that fills up all the tokens there are before any answer begins'),
    ];
    const { examples, report } = await build(rows, {}, { maxLength: 30 });
    expect(examples.map(({ id, row }) => [id, row])).toEqual([
      ['x', 0],
      ['x#1', 1],
      [2, 2],
      [3, 3],
    ]);
    expect(report).toMatchObject({
      rows: 5,
      kept: 4,
      truncatedRows: [3, 4],
      allMaskedRows: [4],
      duplicateRows: [2],
      repeatedIds: 1,
    });
    expect(report.warnings.join('\n')).toMatch(/2 of 5 rows are longer than 30 tokens/);
    expect(examples.every(({ ids }) => ids.length <= 30)).toBe(true);
  });

  it('stops at the first bad row, or leaves bad rows out and counts them', async () => {
    const rows = [
      ask('a'),
      '{bad',
      { text: 'x' },
      {
        messages: [
          { role: 'robot', content: 'x' },
          { role: 'assistant', content: 'y' },
        ],
      },
      ask('b'),
    ];
    await expect(build(rows)).rejects.toThrow(/train\.jsonl line 2: not valid JSON/);
    await expect(build(rows.filter((_, i) => i !== 1))).rejects.toThrow(
      /line 2: no form of training/,
    );
    await expect(build(rows.slice(3))).rejects.toThrow(/line 1: .*Unsupported role: robot/);
    const { examples, report } = await build(rows, { skipInvalid: true });
    expect(examples.map(({ row }) => row)).toEqual([0, 4]);
    expect(report).toMatchObject({ rows: 5, kept: 2, skipped: 3 });
    expect(report.invalid.map(({ line }) => line)).toEqual([2, 3, 4]);
  });

  it('reads no more rows than asked for', async () => {
    const { report } = await build([ask('a'), ask('b'), '{bad'], { limit: 2 });
    expect(report.rows).toBe(2);
  });

  it('takes ready tokens, and refuses ids beyond the vocabulary', async () => {
    const row = { ids: [1, 519, 3], completionMask: [0, 1, 1] };
    const { examples } = await build([row], {}, { vocabularySize: 520 });
    expect(examples[0]).toMatchObject({ ids: Int32Array.of(1, 519, 3), truncated: false });
    await expect(build([row])).rejects.toThrow(/line 1: token id 519 .* 512/);
  });

  it('refuses data of which nothing is left, with the reason', async () => {
    await expect(build(['', ' '])).rejects.toMatchObject({ code: 'data-empty' });
    await expect(build([ask('a')], {}, { maxLength: 4 })).rejects.toThrow(/all labels are masked/);
    await expect(build(['{bad'], { skipInvalid: true })).rejects.toThrow(/1 could not be read/);
    const masked = { ids: [1, 2], completionMask: [1, 0] };
    await expect(build([masked])).rejects.toMatchObject({ code: 'data-empty' });
  });

  it('makes the conversation form for the entropy pass', async () => {
    const messages = [
      { role: 'system', content: 's' },
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
    ];
    const whole = await build([{ messages }], {}, { form: 'conversation' });
    const first = await build([{ messages }], { systemPrompt: 'p' }, { form: 'first-exchange' });
    expect(tokenizer.decode(whole.examples[0]!.ids)).toMatch(/^<\|im_start\|>system\ns/);
    expect(tokenizer.decode(first.examples[0]!.ids)).toBe(
      '<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n',
    );
    expect(first.examples[0]!.referenceStart).toBe(6);
  });
});
