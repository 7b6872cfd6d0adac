/**
 * The committed study file gives the committed page's numbers again, for one seed: base, SFT and SFT
 * continued. Bit for bit on a processor of the page's kind; elsewhere other rounding leads training along
 * another path, to a result that is only alike.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { StudyResult } from '../contract/study.ts';

const folder = mkdtempSync(join(tmpdir(), 'wds-study-page-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const seed = 101;

function readResult(file: string): StudyResult {
  return JSON.parse(readFileSync(file, 'utf8')) as StudyResult;
}

test('one seed of the committed study', { timeout: 600_000 }, () => {
  const only = ['--block', 'words', '--seed', String(seed), '--arm', 'sft-more'];
  const file = path('../../resources/study/study.yaml');
  const args = ['--import', 'tsx', path('../cli/wds.ts'), 'study', file, '--out', folder, ...only];
  const ended = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(ended.status, ended.stderr).toBe(0);

  const page = readResult(path('../docs/2026-11-25-weak-driven-study/study.json'));
  const again = readResult(join(folder, 'study.json'));
  const isSame =
    again.hardware.instructions.join() === page.hardware.instructions.join() &&
    again.hardware.tensorflow === page.hardware.tensorflow;
  for (const arm of ['base', 'sft', 'sft-more']) {
    const before = scoreOf(page, arm);
    const now = scoreOf(again, arm);
    if (isSame) expect(now).toEqual(before);
    expect(Math.abs(now.accuracy - before.accuracy)).toBeLessThan(0.1);
    expect(now.loss / before.loss).toBeGreaterThan(0.7);
    expect(now.loss / before.loss).toBeLessThan(1.4);
  }
});

function scoreOf(result: StudyResult, arm: string): { accuracy: number; loss: number } {
  const block = result.blocks.find(({ name }) => name === 'words')!;
  const score = block.scores.find((one) => one.arm === arm)!;
  const index = score.seeds.indexOf(seed);
  expect(index).toBeGreaterThanOrEqual(0);
  return { accuracy: score.perSeed[index]!, loss: score.lossPerSeed[index]! };
}
