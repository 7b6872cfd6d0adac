/** The fuse wire as it lies in an executable; the packaged app's own is checked by e2e/packaged. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readFuses } from './fuses.mjs';

const folder = mkdtempSync(join(tmpdir(), 'fuses-'));
afterAll(() => rmSync(folder, { recursive: true }));

function executable(...wire: Buffer[]): string {
  const path = join(folder, 'electron');
  const sentinel = Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX');
  writeFileSync(path, Buffer.concat([Buffer.alloc(999, 7), sentinel, ...wire, Buffer.alloc(99)]));
  return path;
}

test('on, off, removed; only as many as the wire has', () => {
  const wire = Buffer.from([1, 4, ...Buffer.from('01r1')]);
  expect(readFuses(executable(wire))).toEqual({
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: null,
    enableNodeCliInspectArguments: true,
  });
});

test('an unknown version, and a file without fuses', () => {
  expect(() => readFuses(executable(Buffer.from([2, 1, 0x30])))).toThrow('version 2');
  const path = join(folder, 'none');
  writeFileSync(path, 'nothing');
  expect(() => readFuses(path)).toThrow('has no fuses');
});
