/** A chart of a long run: what is read off it is what was measured, at every zoom. */
import type { Page } from '@playwright/test';
import { join } from 'node:path';
import { openEventLog } from '../main/host/event-log.ts';
import { expect, smallRun, test } from './studio.ts';

const steps = 20_000;
/** One step stands out; a drawing that picks points would miss it. */
const outlier = 12_345;
const lossAt = (step: number): number => (step === outlier ? 9 : 1 + step / steps);

/** The crosshair's step and the loss beside it, as the legend says them. */
async function readOff(page: Page): Promise<{ step: number; loss: number }> {
  const legend = page.getByRole('region', { name: 'Loss' }).locator('.u-legend');
  const text = (await legend.innerText()).replaceAll(/[\s,]/g, '');
  const [, step, loss] = /Step:?(\d+).*?SFT:?([\d.]+)/.exec(text) ?? [];
  return { step: Number(step), loss: Number(loss) };
}

test('hovering, zooming and resetting show the measured values of single steps', async ({
  studio,
}) => {
  const { page } = studio;
  const { id } = await studio.ask('runs.create', { config: smallRun('Long'), start: 'later' });
  const log = openEventLog(join(studio.home, 'data', 'runs', id, 'events.jsonl'), id);
  log.append({ kind: 'stage-started', stage: 'sft', title: 'Supervised fine-tuning' });
  for (let step = 1; step <= steps; step += 1) {
    const loss = lossAt(step);
    const rest = { gradientNorm: 1, learningRate: 1e-5, answerTokens: 1, tokens: 1, seconds: 1 };
    log.append({ kind: 'step', stage: 'sft', step, steps, loss, ...rest, tokensPerSecond: 1 });
  }
  log.close();
  await studio.go(`/runs/${id}/charts`);
  const chart = page.getByRole('region', { name: 'Loss' }).locator('.chart-surface');
  await expect(chart).toHaveAttribute('data-points', String(steps));
  await expect.poll(async () => (await readOff(page)).step).toBe(steps);

  const box = (await chart.boundingBox())!;
  const plot = chart.locator('.uplot');
  const seen = new Set<number>();
  const visit = async (): Promise<void> => {
    const { step, loss } = await readOff(page);
    seen.add(step);
    expect(Math.abs(loss - lossAt(step))).toBeLessThan(0.5e-3);
  };
  for (const share of [0.25, 0.4, 0.8]) {
    await page.mouse.move(box.x + box.width * share, box.y + box.height / 2);
    await visit();
  }
  expect(seen.size).toBe(3);

  await chart.focus();
  for (let press = 0; press < 12; press += 1) await page.keyboard.press('+');
  await expect(plot).toHaveAttribute('data-zoomed', 'true');
  const { step: from } = await readOff(page);
  await page.keyboard.press('ArrowRight');
  await expect.poll(async () => (await readOff(page)).step).toBe(from + 1);
  await visit();

  await plot.locator('.u-over').dblclick();
  await expect(plot).toHaveAttribute('data-zoomed', 'false');
  await page.mouse.move(box.x + box.width - 12, box.y + box.height / 2);
  await expect.poll(async () => (await readOff(page)).step).toBeGreaterThan(steps * 0.9);
});
