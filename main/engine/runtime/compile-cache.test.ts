import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCompileCache } from './compile-cache.ts';

let home = '';
const before = process.env['XDG_CACHE_HOME'];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'wds-cache-'));
  process.env['XDG_CACHE_HOME'] = home;
});
afterEach(() => {
  if (before === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = before;
  rmSync(home, { recursive: true, force: true });
});

test('keeps this boot and other machines, removes earlier boots', () => {
  const parent = join(home, 'weak-driven-studio', 'compiled');
  const earlier = join(parent, `${hostname().replace(/\W/g, '-')}-0123456789abcdef`);
  const other = join(parent, 'another-machine-0123456789abcdef');
  mkdirSync(earlier, { recursive: true });
  mkdirSync(other, { recursive: true });
  const folder = openCompileCache('2.21.0')!;
  writeFileSync(join(folder, 'entry.pb'), 'x');
  expect(openCompileCache('2.21.0')).toBe(folder);
  expect(existsSync(join(folder, 'entry.pb'))).toBe(true);
  expect(existsSync(earlier)).toBe(false);
  expect(existsSync(other)).toBe(true);
  expect(openCompileCache('2.22.0')).not.toBe(folder);
});

test('goes without where the folder cannot be made', () => {
  writeFileSync(join(home, 'weak-driven-studio'), 'a file in the way');
  expect(openCompileCache('2.21.0')).toBeNull();
});
