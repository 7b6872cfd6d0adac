/** Red once the shipped line of Electron gets no security updates any more: update the package then. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { endOfSupport, supportEnded } from './supported-electron.mjs';

const root = join(import.meta.dirname, '..');

test('the Electron that package.json names is in the table and inside its support', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    devDependencies: { electron: string };
  };
  expect(endOfSupport(devDependencies.electron)).not.toBeNull();
  expect(supportEnded(devDependencies.electron)).toBeNull();
});

test('the fallback’s Electron 22 is told as past its support', () => {
  expect(supportEnded('22.3.25')).toBe('2023-10-10');
  expect(supportEnded('22.3.25', new Date('2023-10-10'))).toBeNull();
});

test('a line ends with the third after it, an old one not in the table by then at the latest', () => {
  expect(endOfSupport('42.1.0')).toBe('2026-10-21');
  expect(supportEnded('42.1.0', new Date('2026-10-22'))).toBe('2026-10-21');
  expect(supportEnded('31.0.0', new Date('2026-11-25'))).toBe('2026-01-16');
});

test('the newest three last for 24 weeks; what is newer than the table is not judged', () => {
  expect(endOfSupport('45.4.1')).toBe('2027-04-07');
  expect(supportEnded('45.4.1', new Date('2027-04-08'))).toBe('2027-04-07');
  expect(supportEnded('46.0.0', new Date('2036-01-01'))).toBeNull();
});
