/**
 * A small study through the command line, killed with SIGKILL once it has measured its second model, then
 * gone on with: its numbers are those that an undisturbed study has left in fixtures/study/small.json, bit
 * for bit on a processor of the same kind, and nearly so on others (another order of sums rounds differently).
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { StudyResult } from '../contract/study.ts';
import { describeProcessor } from '../engine/runtime/processor.ts';

const root = mkdtempSync(join(tmpdir(), 'wds-study-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const file = path('../fixtures/study/small.yaml');
const folder = join(root, 'study');

interface Expected {
  instructions: string[];
  tensorflow: string;
  blocks: StudyResult['blocks'];
}

function start() {
  const args = ['--import', 'tsx', path('../cli/wds.ts'), 'study', file, '--out', folder];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = new Promise<{ code: number | null; said: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, said }));
  });
  return { child, ended };
}

/** Seconds differ from run to run. */
function withoutTimes(blocks: StudyResult['blocks']): StudyResult['blocks'] {
  return blocks.map((block) => ({
    ...block,
    scores: block.scores.map((score) => ({ ...score, stepCost: null })),
  }));
}

test(
  'a killed study goes on, and its numbers are the known ones',
  { timeout: 300_000 },
  async () => {
    const first = start();
    const measured = (): number => {
      const models = join(folder, 'models');
      return existsSync(models)
        ? readdirSync(models).filter((name) => name.endsWith('.json')).length
        : 0;
    };
    const timer = setInterval(() => measured() >= 2 && first.child.kill('SIGKILL'), 5);
    const { code: killed } = await first.ended;
    clearInterval(timer);
    expect(killed).toBeNull();
    expect(measured()).toBeLessThan(5);

    const second = await start().ended;
    expect(second.code, second.said).toBe(0);
    expect(second.said).toMatch(/^5 models, [2-4] of them measured before/);

    const { blocks, hardware } = JSON.parse(
      readFileSync(join(folder, 'study.json'), 'utf8'),
    ) as StudyResult;
    const known = JSON.parse(
      readFileSync(path('../fixtures/study/small.json'), 'utf8'),
    ) as Expected;
    const found = withoutTimes(blocks);
    const { instructions } = describeProcessor();
    const isSame =
      instructions.join() === known.instructions.join() && hardware.tensorflow === known.tensorflow;
    if (isSame) expect(found).toEqual(known.blocks);
    const references = found[0]!.scores.map(({ arm, effects }) => [
      arm,
      ...effects.map(({ reference }) => reference),
    ]);
    expect(references).toEqual([
      ['base'],
      ['sft'],
      ['sft-more'],
      ['weak-driven', 'sft-more'],
      ['second-round', 'sft-more', 'weak-driven'],
    ]);
    const losses = (of: StudyResult['blocks']): number[] =>
      of[0]!.scores.map(({ loss }) => loss.mean);
    losses(found).forEach((loss, index) =>
      expect(loss).toBeCloseTo(losses(known.blocks)[index]!, 3),
    );
    const page = readFileSync(join(folder, 'study.md'), 'utf8');
    for (const { title, loss } of found[0]!.scores) {
      expect(page).toContain(`| ${title} |`);
      expect(page).toContain(loss.mean.toPrecision(3));
    }
  },
);
