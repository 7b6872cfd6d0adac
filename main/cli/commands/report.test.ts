/** `wds report` from the outside: files, exit codes, one line for every mistake. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findElectron } from '../../../resources/setup/electron.mjs';
import { makeRunFolder } from '../../fixtures/report/run-folder.ts';

const home = mkdtempSync(join(tmpdir(), 'wds-report-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const size = { rows: 20, items: 20, steps: 5 };
const finished = makeRunFolder(join(home, 'runs'), 'finished', size);
makeRunFolder(join(home, 'runs'), 'half', { ...size, until: 'sft' });

interface Ended {
  code: number;
  out: string;
  err: string;
}

function wds(...args: string[]): Promise<Ended> {
  return wdsWith(process.env, ...args);
}

function wdsWith(given: NodeJS.ProcessEnv, ...args: string[]): Promise<Ended> {
  const entry = join(import.meta.dirname, '..', 'wds.ts');
  const environment = { ...given, WDS_HOME: home };
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
    ['finished', '--format', 'docx'],
    2,
    'error: --format is html, pdf, md, json or csv, not "docx". Usage: wds report RUN',
  ],
  [['nothing'], 1, 'error: There is no run nothing in'],
  [[], 2, 'error: RUN is missing. Usage: wds report RUN'],
])('%j fails with one line', async (args, code, start) => {
  const ended = await wds(...args);
  expect(ended).toMatchObject({ code, out: '' });
  expect(ended.err.startsWith(start)).toBe(true);
  expect(ended.err.trim().split('\n')).toHaveLength(1);
});

test('a PDF without anything to print it: refused in one line, nothing is written', async () => {
  const { DISPLAY: _x, WAYLAND_DISPLAY: _wayland, ...rest } = process.env;
  const file = join(home, 'report.pdf');
  const bare = { ...rest, PATH: home, XDG_CACHE_HOME: join(home, 'cache') };
  const ended = await wdsWith(bare, 'finished', '--out', file);
  expect(ended).toMatchObject({ code: 1, out: '' });
  expect(ended.err).toMatch(/^error: The report cannot be printed as PDF\. .*--format html/s);
  expect(ended.err.trim().split('\n')).toHaveLength(1);
  expect(existsSync(file)).toBe(false);
});

test.runIf(canPrint())('a PDF', { timeout: 60_000 }, async () => {
  const file = join(home, 'printed.pdf');
  expect(await wds('finished', '--out', file)).toEqual({ code: 0, out: `${file}\n`, err: '' });
  const bytes = readFileSync(file);
  expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
  expect(bytes.toString('latin1').match(/\/Type\s*\/Page\b/g)!.length).toBeGreaterThan(3);
});

/** Electron is fetched by `npm start`, not by the tests. */
function canPrint(): boolean {
  const { DISPLAY, WAYLAND_DISPLAY, PATH = '' } = process.env;
  const hasDisplay = process.platform !== 'linux' || DISPLAY || WAYLAND_DISPLAY;
  const lent = PATH.split(delimiter).some((folder) => existsSync(join(folder, 'xvfb-run')));
  return findElectron() !== null && (Boolean(hasDisplay) || lent);
}

test('a folder that is not there: nothing is written', async () => {
  const file = join(home, 'no', 'report.html');
  expect(await wds('finished', '--out', file)).toMatchObject({ code: 1, out: '' });
  expect(existsSync(file)).toBe(false);
});
