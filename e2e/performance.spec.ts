/**
 * The only timed checks: with the engine at full load, how long a key or a click takes to the next
 * paint, and a training step to the drawn chart; how soon a comparison of long runs is there. They print what they measure, and judge it where
 * the app has the machine for itself: beside other work the figures are about that work.
 */
import type { Page } from '@playwright/test';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeRunFolder } from '../main/fixtures/report/run-folder.ts';
import { processorTimes, useBetween } from './processor-use.ts';
import type { ProcessorUse } from './processor-use.ts';
import { waitForStep } from './run-states.ts';
import { expect, launchStudio, leave, smallRun, test } from './studio.ts';
import type { Studio } from './studio.ts';

/** Milliseconds. */
const inputLimit = 100;
const chartLimit = 300;
const comparisonLimit = 2000;
/** Share of all cores that others may use. */
const othersLimit = 0.25;

/** Prints the 95th percentile with what it was measured on, and compares it with the limit. */
function judge(what: string, values: number[], limit: number, use: ProcessorUse): void {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? NaN;
  const isAlone = use.others < othersLimit * use.cores;
  const figures = [
    `n ${sorted.length}`,
    `median ${at(0.5).toFixed(0)} ms`,
    `p95 ${at(0.95).toFixed(0)} ms (limit ${limit} ms${isAlone ? '' : ', not judged'})`,
    `worst ${at(1).toFixed(0)} ms`,
    `engine ${use.engine.toFixed(1)} and others ${use.others.toFixed(1)} of ${use.cores} cores`,
  ];
  console.log(`${what}: ${figures.join(', ')}`);
  if (!isAlone) return;
  expect(at(0.95)).toBeLessThan(limit);
}

/** Starts a run that trains for longer than the test measures, and shows it. */
async function underLoad(studio: Studio): Promise<string> {
  const config = { ...smallRun('Load', 20_000), checkpoints: { everySteps: 10_000, keep: 1 } };
  const run = await studio.ask('runs.create', { config, start: 'now' });
  await studio.go(`/runs/${run.id}/charts`);
  await waitForStep(studio, 'sft', 20);
  return run.id;
}

/** From the input's own time to the turn after the frame that it led to. */
async function measureInputs(page: Page): Promise<void> {
  await page.evaluate(() => {
    const delays: number[] = [];
    const measure = (event: Event): void => {
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.addEventListener('message', () => delays.push(performance.now() - event.timeStamp));
        port1.start();
        port2.postMessage(null);
      });
    };
    for (const kind of ['keydown', 'pointerdown', 'click']) {
      window.addEventListener(kind, measure, { capture: true });
    }
    Object.assign(window, { inputDelays: delays });
  });
}

test('with the engine at full load, keys and clicks are painted within 100 ms', async ({
  studio,
}) => {
  const { page } = studio;
  const runId = await underLoad(studio);
  const before = await processorTimes(studio);
  await measureInputs(page);
  for (let round = 0; round < 4; round += 1) {
    for (const tab of ['overview', 'charts', 'log', 'config', 'checkpoints', 'samples']) {
      await page.getByRole('tab', { name: tab }).click();
      await expect(page.getByRole('tab', { name: tab })).toHaveAttribute('aria-selected', 'true');
    }
  }
  await studio.go('/runs');
  await page.getByLabel('Filter runs').click();
  await page.keyboard.type('a longer text that a user types');
  await studio.go('/new');
  await page.getByRole('button', { name: 'Use: Own model and data' }).click();
  await page.getByRole('button', { name: 'Data', exact: true }).click();
  await page.getByLabel('System prompt').click();
  await page.keyboard.type('You are a careful calculator. Show each step.');
  await studio.go(`/runs/${runId}/charts`);
  await expect(page.locator('.chart-surface').first()).toBeVisible();
  const delays = await page.evaluate(
    () => (window as unknown as { inputDelays: number[] }).inputDelays,
  );
  expect(delays.length).toBeGreaterThan(100);
  const use = useBetween(before, await processorTimes(studio));
  expect(use.engine).toBeGreaterThan(0.5);
  judge('input to paint', delays, inputLimit, use);
});

test('a training step is on the drawn chart within 300 ms', async ({ studio }) => {
  const { page } = studio;
  const runId = await underLoad(studio);
  const chart = page.locator('.chart-surface').first();
  await expect(chart).toBeVisible();
  const before = await processorTimes(studio);
  const paints = await chart.evaluate(
    (surface) =>
      new Promise<{ points: number; time: number }[]>((resolve) => {
        const seen: { points: number; time: number }[] = [];
        const observer = new MutationObserver(() => {
          const points = Number(surface.getAttribute('data-points'));
          requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.addEventListener('message', () => {
              seen.push({ points, time: Date.now() });
              if (seen.length < 60) return;
              observer.disconnect();
              resolve(seen);
            });
            port1.start();
            port2.postMessage(null);
          });
        });
        observer.observe(surface, { attributes: true, attributeFilter: ['data-points'] });
      }),
  );
  const use = useBetween(before, await processorTimes(studio));
  expect(use.engine).toBeGreaterThan(0.5);
  const { series } = await studio.ask('run.snapshot', { runId });
  const times = Object.values(series.find(({ stage }) => stage === 'sft')?.time ?? {}) as number[];
  // Every step that a paint shows for the first time, not only the newest of its batch.
  const delays = paints.slice(1).flatMap(({ points, time }, index) => {
    const from = paints[index]?.points ?? points;
    return times.slice(from, points).map((made) => time - made);
  });
  expect(delays.length).toBeGreaterThanOrEqual(59);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
  judge('step to chart', delays, chartLimit, use);
});

test('six runs of 100,000 events are compared within two seconds', async ({ home }) => {
  const runs = join(home, 'data', 'runs');
  const first = makeRunFolder(runs, 'long-0', { rows: 300, items: 400, steps: 33_400 });
  const ids = Array.from({ length: 6 }, (_, index) => `long-${index}`);
  for (const id of ids.slice(1)) cpSync(first, join(runs, id), { recursive: true });
  const events = readFileSync(join(first, 'events.jsonl'), 'utf8').split('\n').length;
  expect(events).toBeGreaterThan(100_000);
  const studio = await launchStudio(home);
  try {
    const { page } = studio;
    await studio.go('/runs');
    await expect(page.getByRole('row')).toHaveCount(7);
    const before = await processorTimes(studio);
    const times: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      await studio.go('/compare');
      await expect(page.getByText('Which model is better, and why')).toBeVisible();
      const began = Date.now();
      await studio.go(`/compare/${ids.join(',')}`);
      await expect(page.getByRole('table', { name: 'Answers by model' })).toBeVisible();
      await expect(page.locator('.chart-surface[data-points]').nth(3)).toBeVisible();
      times.push(Date.now() - began);
    }
    const use = useBetween(before, await processorTimes(studio));
    judge('comparison of six long runs', times, comparisonLimit, use);
  } finally {
    await leave(studio);
  }
});
