/** `wds compare` from the outside: by id and by folder, as one document and as a file, its refusals. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Comparison } from '../../contract/comparison.ts';
import { makeRunFolder } from '../../fixtures/report/run-folder.ts';

const home = mkdtempSync(join(tmpdir(), 'wds-compare-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const size = { rows: 20, items: 30, steps: 5 };
const first = makeRunFolder(join(home, 'runs'), 'first', size);
makeRunFolder(join(home, 'runs'), 'second', { ...size, config: { name: 'Second' } });

function wds(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const entry = join(import.meta.dirname, '..', 'wds.ts');
  const env = { ...process.env, WDS_HOME: home };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', entry, 'compare', ...args],
      { env },
      (error, out, err) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
  });
}

test('runs by id and by folder, one document, one file', async () => {
  const file = join(home, 'report.html');
  const { code, out } = await wds('second:sft', first, '--no-weights', '--out', file, '--json');
  expect(code).toBe(0);
  const { models, evaluation, entropy, weights } = JSON.parse(out) as Comparison;
  expect(models.map(({ runId, member }) => [runId, member])).toEqual([
    ['second', 'sft'],
    ['first', 'weak-driven'],
  ]);
  expect(evaluation?.items).toHaveLength(30);
  expect(Array.isArray(entropy?.entropies[1])).toBe(true);
  expect(weights).toBeNull();
  expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>/);
});

test('as text: a line for each model, the settings that differ, what is missing', async () => {
  const { code, out } = await wds('first', 'second');
  expect(code).toBe(0);
  expect(out).toMatch(
    /^Arithmetic, tiny Qwen3 · weak-driven: baseline; .+\nSecond · weak-driven: /,
  );
  expect(out).toContain('name: Arithmetic, tiny Qwen3 | Second\n');
  expect(out).toContain('Weights of Second · weak-driven: ');
});

test.each([
  [['first'], 2, 'error: A comparison takes two to 6 models, not 1.'],
  [['first', 'third'], 1, 'error: There is no run third in'],
  [['first', 'second', '--dta', 'x'], 2, 'error: wds compare has no option --dta.'],
])('%j fails with one line and writes nothing', async (args, code, start) => {
  const file = join(home, 'no.html');
  const ended = await wds(...args, '--out', file);
  expect(ended).toMatchObject({ code, out: '' });
  expect(ended.err.startsWith(start)).toBe(true);
  expect(ended.err.trim().split('\n')).toHaveLength(1);
  expect(existsSync(file)).toBe(false);
});
