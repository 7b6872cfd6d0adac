/** The fingerprint of a model is what a reader gets with a command of their own. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fingerprintOf } from './model-files-summary.ts';

test('the fingerprint is the hash of what sha256sum prints', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fingerprint-'));
  const names = [
    'config.json',
    'model-00001.safetensors',
    'model.safetensors.index.json',
    'a.json',
  ];
  for (const name of names) writeFileSync(join(folder, name), name.repeat(3));
  const files = names.sort().map((name) => ({
    name,
    sha256: createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex'),
  }));
  const printed = execFileSync('sh', ['-c', 'sha256sum *.json *.safetensors | sha256sum'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  rmSync(folder, { recursive: true });
  expect(fingerprintOf(files)).toBe(printed.slice(0, 64));
});
