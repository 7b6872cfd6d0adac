/** `wds export` from the outside: what it prints, exit codes, one line for every mistake. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fixturePath } from '../../fixtures/reference-files.ts';

const home = mkdtempSync(join(tmpdir(), 'wds-export-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const model = fixturePath('models/strong');

function wds(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const entry = join(import.meta.dirname, '..', 'wds.ts');
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', entry, 'export', ...args],
      { env: { ...process.env, WDS_HOME: home } },
      (error, out, err) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
      },
    );
  });
}

test('a GGUF file: the line for people, notes on stderr', async () => {
  const out = join(home, 'm.gguf');
  const ended = await wds(model, '--format', 'gguf', '--dtype', 'q8_0', '--out', out);
  expect(ended).toMatchObject({ code: 0, out: `${out}: gguf, q8_0, 1 MB\n` });
  expect(ended.err).toMatch(/^note: llama\.cpp does not normalise text/);
});

test('--json prints one document', async () => {
  const out = join(home, 'hf');
  const ended = await wds(model, '--format', 'hf', '--out', out, '--json');
  expect(ended).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(ended.out)).toMatchObject({ format: 'hf', path: out, dtype: 'f32' });
});

test.each([
  [['--format', 'onnx', '--out', 'x'], /^error: --format is one of hf, peft, merged, gguf/],
  [['--format', 'hf', '--dtype', 'q4', '--out', 'x'], /^error: --dtype is one of f32, f16/],
  [['--format', 'hf'], /^error: --out is missing\./],
  [['--format', 'peft', '--out', 'x'], /^error: .* is a whole model, not an adapter/],
])('%j is misuse', async (args, message) => {
  const ended = await wds(model, ...args);
  expect(ended).toMatchObject({ code: 2, out: '' });
  expect(ended.err).toMatch(message);
  expect(existsSync('x')).toBe(false);
});
