/** What goes wrong while a run goes on is said in its window: each alarm from a run that really has it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from './run-states.ts';
import { expect, smallRun, test, trainedModel } from './studio.ts';
import type { Studio } from './studio.ts';

/** Alarms on the overview of a run that has ended. */
async function alarmsOf(
  studio: Studio,
  config: Record<string, unknown>,
  end: 'finished' | 'paused' = 'finished',
): Promise<string[]> {
  const run = await studio.ask('runs.create', { config, start: 'now' });
  await waitFor(studio, run.id, end);
  await studio.go(`/runs/${run.id}`);
  await expect(studio.page.locator(`header [data-status="${end}"]`)).toBeVisible();
  const alarms = studio.page.locator('[data-alarm]');
  const codes = await alarms.evaluateAll((all) =>
    all.map((each) => each.getAttribute('data-alarm')),
  );
  // That some answers are cut off is said before training, and is none of these.
  return codes.flatMap((code) => (code === null || code === 'data' ? [] : [code]));
}

const rate = (learningRate: number) => ({ optimizer: { learningRate } });

test('a weak agent that is no weaker has caught up; a weaker one has not', async ({ studio }) => {
  const same = { ...smallRun('Caught up', 24), ...rate(1e-8) };
  expect(await alarmsOf(studio, same)).toEqual(['weak-caught-up']);
  await expect(studio.page.locator('[data-alarm="weak-caught-up"]')).toContainText('has caught up');
  await studio.page.getByRole('tab', { name: 'log' }).click();
  await expect(studio.page.getByRole('log')).toContainText('has caught up');
  await expect(studio.page.getByRole('img', { name: /^\d warnings?$/ })).toBeVisible();
  const weaker = { ...smallRun('Not yet', 24), ...rate(1e-8), model: trainedModel };
  const other = { ...weaker, weak: smallRun('').model };
  expect(await alarmsOf(studio, other)).toEqual([]);
});

test('a strong model that collapses', async ({ studio }) => {
  const config = { ...smallRun('Collapse', 30), ...rate(0.1), model: trainedModel };
  expect(await alarmsOf(studio, config)).toContain('strong-collapses');
});

test('a loss that is not finite pauses the run and says why', async ({ studio }) => {
  const config = { ...smallRun('Explosion', 8), ...rate(1e30) };
  expect(await alarmsOf(studio, config, 'paused')).toEqual([]);
  await expect(studio.page.locator('[data-error="loss-not-finite"]')).toContainText(
    /(loss|gradient norm) is (NaN|-?Infinity)/,
  );
});

test('a disk that is nearly full', async ({ studio, home }) => {
  test.skip(process.getuid?.() !== 0, 'a small disk is mounted for it, which takes root');
  const disk = join(home, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=600m', 'tmpfs', disk]);
  try {
    await studio.ask('settings.set', { runsDirectory: disk });
    expect(await alarmsOf(studio, smallRun('No room', 4))).toContain('disk-nearly-full');
    await expect(studio.page.locator('[data-alarm="disk-nearly-full"]')).toContainText('MB free');
  } finally {
    execFileSync('umount', ['--lazy', disk]);
  }
});
