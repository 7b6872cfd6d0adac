/** `wds report` from the outside: files, exit codes, one line for every mistake. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeRunFolder } from '../../fixtures/report/run-folder.ts';

const home = mkdtempSync(join(tmpdir(), 'wds-report-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const size = { rows: 20, items: 20, steps: 5 };
const finished = makeRunFolder(join(home, 'runs'), 'finished', size);
makeRunFolder(join(home, 'runs'), 'half', { ...size, until: 'sft' });

function wds(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const entry = join(import.meta.dirname, '..', 'wds.ts');
  const environment = { ...process.env, WDS_HOME: home };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', entry, 'report', ...args],
      { env: environment },
      (error, out, err) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
      },
    );
  });
}

test('a run by its id, into its folder as HTML', async () => {
  const file = join(finished, 'report.html');
  expect(await wds('finished')).toEqual({ code: 0, out: `${file}\n`, err: '' });
  expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>/);
});

test('the format follows the file; --json says what was written', async () => {
  const file = join(home, 'table.csv');
  const { code, out } = await wds(finished, '--out', file, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ run: 'finished', format: 'csv', file, missing: [] });
  expect(readFileSync(file, 'utf8')).toMatch(/^"section","subject","step"/);
});

test('an unfinished run is reported, and what is missing is said', async () => {
  const { code, err } = await wds('half', '--format', 'md', '--out', join(home, 'card.md'));
  expect(code).toBe(0);
  expect(err).toContain('Evaluation: it has not finished yet.\n');
});

test.each([
  [
    ['finished', '--format', 'pdf'],
    2,
    'error: --format is html, md, json or csv, not "pdf". Usage: wds report RUN',
  ],
  [['nothing'], 1, 'error: There is no run nothing in'],
  [[], 2, 'error: RUN is missing. Usage: wds report RUN'],
])('%j fails with one line', async (args, code, start) => {
  const ended = await wds(...args);
  expect(ended).toMatchObject({ code, out: '' });
  expect(ended.err.startsWith(start)).toBe(true);
  expect(ended.err.trim().split('\n')).toHaveLength(1);
});

test('a folder that is not there: nothing is written', async () => {
  const file = join(home, 'no', 'report.html');
  expect(await wds('finished', '--out', file)).toMatchObject({ code: 1, out: '' });
  expect(existsSync(file)).toBe(false);
});
