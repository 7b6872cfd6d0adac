/** Where an adapter's base lies, also when the adapter is reached through a link. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { baseFile, modelSource } from './model-source.ts';

let folder: string;
beforeEach(() => (folder = realpathSync(mkdtempSync(join(tmpdir(), 'wds-source-')))));
afterEach(() => rmSync(folder, { recursive: true }));

it('finds the base from the adapter itself and from a link to it', () => {
  const adapter = join(folder, 'run', 'stages', 'extract', 'model');
  mkdirSync(adapter, { recursive: true });
  writeFileSync(join(adapter, 'adapter_config.json'), '{}');
  writeFileSync(join(adapter, baseFile), '{"base": "../../../../base"}');
  const link = join(folder, 'run', 'model');
  symlinkSync('stages/extract/model', link);
  expect(modelSource(adapter)).toEqual({ base: join(folder, 'base'), adapter });
  expect(modelSource(link)).toEqual({ base: join(folder, 'base'), adapter: link });
});

it('refuses an adapter that does not say what it stands on', () => {
  writeFileSync(join(folder, 'adapter_config.json'), '{}');
  expect(() => modelSource(folder)).toThrow(/not which base model/);
  expect(modelSource(folder, '/models/base').base).toBe('/models/base');
});
