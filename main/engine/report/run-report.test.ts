/** A report on whole, half and damaged runs: the numbers are those of the files it names. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { runConfigSchema } from '../../contract/config.ts';
import type { StageName } from '../../contract/events.ts';
import { textFormats } from '../../contract/report.ts';
import type { RunReport } from '../../contract/report.ts';
import { makeRunFolder } from '../../fixtures/report/run-folder.ts';
import { collectReport } from './collect.ts';
import { renderReport, reportStageFiles, writeRunReport } from './run-report.ts';

const root = mkdtempSync(join(tmpdir(), 'report-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const small = { rows: 60, items: 50, steps: 80 };
const noPrinter = () => Promise.reject(new Error('This format is not printed.'));
const lines = (path: string) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('a finished run', () => {
  let folder: string;
  let report: RunReport;
  beforeAll(async () => {
    folder = makeRunFolder(root, 'finished', small);
    report = await collectReport(folder);
  });

  test('lacks nothing', () => {
    expect(report.missing).toEqual([]);
    expect(report.run).toMatchObject({
      id: 'finished',
      name: 'Arithmetic, tiny Qwen3',
      status: 'finished',
      resumes: 0,
    });
    expect(report.stages.map(({ stage, state }) => `${stage} ${state}`)).toEqual(
      [
        'examples',
        'entropy-0',
        'sft',
        'entropy-1',
        'curriculum',
        'joint',
        'baseline',
        'extract',
        'evaluate',
      ].map((name) => `${name} done`),
    );
  });

  test('every source is a file with the hash that is named', () => {
    const sources: { file: string; sha256: string }[] = [];
    JSON.stringify(report, (_key, value) => {
      if (typeof value?.file === 'string' && value.sha256 && value.file !== 'events.jsonl')
        sources.push(value);
      return value as unknown;
    });
    expect(sources.length).toBeGreaterThan(15);
    for (const { file, sha256 } of sources) {
      expect([
        file,
        createHash('sha256')
          .update(readFileSync(join(folder, file)))
          .digest('hex'),
      ]).toEqual([file, sha256]);
    }
    const head = execFileSync('head', [
      '-n',
      String(report.run.source.events),
      join(folder, 'events.jsonl'),
    ]);
    expect(createHash('sha256').update(head).digest('hex')).toBe(report.run.source.sha256);
  });

  test('the comparison counts the items of the two files', () => {
    const [first, second] = ['weak-driven', 'baseline'].map((name) =>
      lines(join(folder, `stages/evaluate/${name}.jsonl`)),
    );
    const fixed = first!.filter((item, index) => item.correct && !second![index].correct).length;
    const broken = first!.filter((item, index) => !item.correct && second![index].correct).length;
    const { evaluation } = report;
    expect(evaluation).toMatchObject({ reference: 'baseline', equalSteps: true });
    expect(evaluation!.comparisons[0]).toMatchObject({
      candidate: 'weak-driven',
      reference: 'baseline',
      items: 50,
      fixed,
      broken,
    });
    expect(evaluation!.comparisons[0]!.difference).toBeCloseTo((fixed - broken) / 50, 12);
    expect(evaluation!.models.map(({ model, steps }) => [model, steps])).toEqual([
      ['base', 0],
      ['sft', 80],
      ['baseline', 160],
      ['weak-driven', 160],
    ]);
    expect(evaluation!.stepCost).toBeCloseTo(0.19 / 0.11, 9);
    expect(evaluation!.samples.filter(({ outcome }) => outcome === 'fixed').length).toBe(
      Math.min(6, fixed),
    );
  });

  test('the curriculum is that of weights.jsonl and sample.json', () => {
    const weights: number[] = lines(join(folder, 'stages/curriculum/weights.jsonl')).map(
      (line) => line.weight,
    );
    const { indices } = JSON.parse(
      readFileSync(join(folder, 'stages/curriculum/sample.json'), 'utf8'),
    );
    const { curriculum } = report;
    expect(curriculum).toMatchObject({
      rows: 60,
      drawn: 60,
      distinct: new Set(indices).size,
      neverDrawn: 60 - new Set(indices).size,
    });
    expect(curriculum!.effectiveSampleSize).toBeCloseTo(
      1 / weights.reduce((sum, weight) => sum + weight * weight, 0),
      9,
    );
    expect(curriculum!.top[0]!.weight).toBe(Math.max(...weights));
    expect(curriculum!.top[0]!.text).toMatch(/^What is \d+ \+ \d+\? → /);
    expect(curriculum!.termShares.map((share) => Number(share.toFixed(9)))).toEqual([
      0.1, 0.8, 0.1,
    ]);
    expect(curriculum!.histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(60);
  });

  test('the configuration is one that wds run accepts, and the home folder is not in it', () => {
    const given = parse(report.configuration.yaml) as unknown;
    expect(runConfigSchema.safeParse(given).error).toBeUndefined();
    expect(report.configuration.command).toBe('wds run --config config.yaml --out finished-again');
  });

  test('held-out rows that training has seen are counted', () => {
    expect(report.data).toMatchObject({ kept: 60, heldOutRows: 50, heldOutSeen: 2 });
    expect(report.limits.join(' ')).toContain('2 of 50 held-out prompts are also training prompts');
  });

  test.each(textFormats)('%s: written whole, the same every time', async (format) => {
    const files = ['first', 'second'].map((name) => join(root, `${name}.${format}`));
    for (const file of files) await writeRunReport(folder, format, file, noPrinter);
    const [first, second] = files.map((file) => readFileSync(file, 'utf8'));
    expect(first).toBe(second);
    expect(first!.length).toBeGreaterThan(5000);
    expect(first).not.toMatch(/undefined|NaN|\[object/);
  });

  test('pdf: the bytes that the printer made of the HTML', async () => {
    const file = join(root, 'printed.pdf');
    let printed = '';
    await writeRunReport(folder, 'pdf', file, async (html) => {
      printed = html;
      return Buffer.from('%PDF-1.4 of this page');
    });
    expect(printed).toBe(renderReport(report, 'html'));
    expect(readFileSync(file, 'utf8')).toBe('%PDF-1.4 of this page');
  });

  test('the base model is named by its bytes', () => {
    const [base] = report.modelFiles;
    expect(base).toMatchObject({ role: 'base', name: 'tokenizer' });
    expect(renderReport(report, 'html')).toContain(base!.fingerprint.slice(0, 12));
    expect(renderReport(report, 'md')).toContain(base!.fingerprint);
  });

  test('the stage leaves three files', async () => {
    expect(await reportStageFiles(folder, root)).toEqual([
      'report.html',
      'report.md',
      'report.json',
    ]);
    expect(JSON.parse(readFileSync(join(root, 'report.json'), 'utf8'))).toMatchObject({
      format: 'weak-driven-studio.run-report',
      version: 1,
    });
  });
});

describe('an unfinished run', () => {
  const stages: StageName[] = [
    'examples',
    'entropy-0',
    'sft',
    'entropy-1',
    'curriculum',
    'joint',
    'baseline',
    'extract',
  ];
  test.each(stages)('until %s: says what is missing, in every format', async (until) => {
    const report = await collectReport(makeRunFolder(root, `until-${until}`, { ...small, until }));
    expect(report.run.status).toBe('stopped');
    expect(report.missing).toContain('The run is not finished (stopped).');
    expect(report.missing).toContain('Evaluation: it has not finished yet.');
    expect(report.curriculum === null).toBe(stages.indexOf(until) < stages.indexOf('curriculum'));
    expect(report.findings[0]).toMatch(/^This run has no evaluation/);
    for (const format of textFormats)
      expect(renderReport(report, format)).not.toMatch(/undefined|NaN/);
  });

  test('with nothing but a config', async () => {
    const folder = makeRunFolder(root, 'bare', { ...small, until: 'examples' });
    for (const name of ['events.jsonl', 'stages']) rmSync(join(folder, name), { recursive: true });
    const report = await collectReport(folder);
    expect(report.run.status).toBe('created');
    expect(report.missing[0]).toMatch(/^events.jsonl is empty or missing/);
    for (const format of textFormats)
      expect(renderReport(report, format)).not.toMatch(/undefined|NaN/);
  });

  test('a folder that is no run is refused', async () => {
    await expect(collectReport(join(root, 'nothing'))).rejects.toMatchObject({
      code: 'run-missing',
    });
  });
});

describe('other ways to run', () => {
  test('without a baseline the comparison is with SFT, and says that it had fewer steps', async () => {
    const report = await collectReport(
      makeRunFolder(root, 'alone', { ...small, config: { baseline: false } }),
    );
    expect(report.evaluation).toMatchObject({ reference: 'sft' });
    expect(report.evaluation!.equalSteps).toBeUndefined();
    expect(report.findings[0]).toContain('SFT, which trained for fewer steps');
    expect(report.limits.join(' ')).toContain('no SFT baseline at equal steps');
  });

  test('a historical checkpoint as the weak agent is found and marked', async () => {
    const report = await collectReport(
      makeRunFolder(root, 'weak', { ...small, config: { weak: 'checkpoint:40' } }),
    );
    expect(report.weakAgent!.label).toBe(
      "the historical checkpoint at step 40 of 80 of this run's SFT",
    );
    expect(report.weakAgent!.reasons[1]).toMatch(/^On 64 held-out rows its entropy is 1\.000 nats/);
    expect(
      report.checkpoints.filter(({ isWeakAgent }) => isWeakAgent).map(({ file }) => file),
    ).toEqual(['checkpoints/sft/step-40']);
  });
});

describe('a damaged run', () => {
  test('torn and foreign lines of the event log are counted and left out', async () => {
    const folder = makeRunFolder(root, 'torn', small);
    const whole = await collectReport(folder);
    appendFileSync(
      join(folder, 'events.jsonl'),
      'null\n{"kind":"evaluation"}\n\u0000\u0000\n{"kind":"step","loss":1',
    );
    const report = await collectReport(folder);
    expect(report.missing).toEqual(['3 lines of events.jsonl are damaged and were left out.']);
    expect(report.training).toEqual(
      whole.training.map((stage) => ({ ...stage, source: report.training[0]!.source })),
    );
  });

  test('cut and senseless artifacts become missing parts, not errors', async () => {
    const folder = makeRunFolder(root, 'cut', small);
    truncateSync(join(folder, 'stages/curriculum/weights.jsonl'), 0);
    writeFileSync(
      join(folder, 'stages/evaluate/results.json'),
      '[{"model":"../../../config","items":1,"loss":1},{"model":7},null]',
    );
    writeFileSync(join(folder, 'stages/examples/report.json'), '[]');
    writeFileSync(join(folder, 'stages/sft/stage.json'), '{"outputs":{"a":null}}');
    const report = await collectReport(folder);
    expect(report.curriculum).toBeNull();
    expect(report.data).toBeNull();
    expect(report.evaluation!.models).toEqual([
      { model: '../../../config', label: '../../../config', items: 1, loss: 1 },
    ]);
    expect(report.missing).toHaveLength(3);
    for (const format of textFormats)
      expect(renderReport(report, format)).not.toMatch(/undefined|NaN/);
  });

  test('a config of another version still gives what does not depend on it', async () => {
    const folder = makeRunFolder(root, 'config', small);
    writeFileSync(join(folder, 'config.json'), '{"name":"old","unknown":1}');
    const report = await collectReport(folder);
    expect(report.run.name).toBe('old');
    expect(report.evaluation!.comparisons).toHaveLength(3);
    expect(report.missing[0]).toMatch(/^config.json is not a config of this version/);
    for (const format of textFormats)
      expect(renderReport(report, format)).not.toMatch(/undefined|NaN/);
  });

  test('a report that cannot be written leaves nothing behind', async () => {
    const folder = makeRunFolder(root, 'unwritable', { ...small, until: 'examples' });
    const file = join(root, 'no-such-folder', 'report.html');
    await expect(writeRunReport(folder, 'html', file, noPrinter)).rejects.toMatchObject({
      code: 'file-unwritable',
    });
    expect(existsSync(file)).toBe(false);
  });
});
