/**
 * Every page with something on it, in both themes and two sizes: test-results/screenshots/. On each,
 * nothing is cut off: no page scrolls sideways and no button's text runs out of it. README shows a
 * few of them; `KEEP_SCREENSHOTS=1 npm run e2e -- screenshots` takes those anew.
 */
import type { Page } from '@playwright/test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runNamed, waitFor } from './run-states.ts';
import {
  baseModel,
  expect,
  launchStudio,
  projectFolder,
  smallRun,
  test,
  trainedModel,
  trainingData,
} from './studio.ts';
import type { Studio } from './studio.ts';

const folder = join(projectFolder, 'test-results', 'screenshots');
/** As small WebP files for README. */
const keptFolder = join(projectFolder, 'resources', 'screenshots');
const kept = [
  'run-overview-dark-1280',
  'new-weak-agent-light-1280',
  'new-curriculum-light-1280',
  'new-mixing-dark-1280',
];
const sizes = [
  [1280, 800],
  [1920, 1080],
] as const;

async function prepare(studio: Studio): Promise<string> {
  const config = {
    ...smallRun('Arithmetic, λ 0.5', 60),
    data: { file: trainingData },
    baseline: true,
    batch: { micro: 8, accumulation: 1, maxLength: 64, packing: false },
    checkpoints: { everySteps: 20, keep: 3 },
    evaluation: { heldOut: trainingData, limit: 8, maxNewTokens: 8 },
  };
  await studio.ask('runs.create', { config, start: 'queued' });
  const weaker = { ...config, name: 'Arithmetic, λ 0.42', joint: { steps: 60, lambda: 0.42 } };
  await studio.ask('runs.create', { config: weaker, start: 'queued' });
  const round = { ...config, name: 'Second round', model: trainedModel, weak: baseModel };
  await studio.ask('runs.create', { config: round, start: 'later' });
  const second = await runNamed(studio, 'Arithmetic, λ 0.42');
  await waitFor(studio, second.id, 'finished');
  return (await runNamed(studio, 'Arithmetic, λ 0.5')).id;
}

/** By the page itself: Chromium has an encoder. */
async function asWebp(page: Page, png: Buffer): Promise<Buffer> {
  const text = await page.evaluate(async (source) => {
    const bytes = Uint8Array.from(atob(source), (character) => character.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes]));
    const canvas = document.createElement('canvas');
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext('2d')?.drawImage(image, 0, 0);
    return canvas.toDataURL('image/webp', 0.9).split(',')[1] ?? '';
  }, png.toString('base64'));
  return Buffer.from(text, 'base64');
}

/** Texts of buttons, tabs and figures that are cut off, and whether the page scrolls sideways. */
async function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    for (const area of document.querySelectorAll('html, .main, .page-body')) {
      if (area.scrollWidth > area.clientWidth + 1) found.push(`${area.className} scrolls sideways`);
    }
    for (const node of document.querySelectorAll('.mantine-Button-label, [role="tab"], h1, th')) {
      if (node.scrollWidth > node.clientWidth + 1) found.push(`cut off: ${node.textContent}`);
    }
    return found;
  });
}

/** Charts that are still as wide as the window was before. Runs in the page. */
function plotsThatDoNotFit(): number {
  const plots = [...document.querySelectorAll('.chart-surface > .uplot')];
  return plots.filter((plot) => plot.clientWidth > plot.parentElement!.clientWidth).length;
}

test('every page, both themes, two sizes', async ({ home }) => {
  let studio = await launchStudio(home);
  let { page } = studio;
  await studio.go('/runs');
  await expect(page.getByRole('button', { name: 'Try the whole method' })).toBeVisible();
  await shoot('first-start');
  const runId = await prepare(studio);
  const other = (await runNamed(studio, 'Arithmetic, λ 0.42')).id;
  const tabs = [
    'overview', 'charts', 'curriculum', 'samples', 'answers', 'checkpoints', 'log', 'config',
  ]; // prettier-ignore
  const places: [string, string][] = [
    ['runs', '/runs'],
    ...tabs.map((tab): [string, string] => [`run-${tab}`, `/runs/${runId}/${tab}`]),
    ['compare', `/compare/${runId},${other}`],
    ['evaluate', '/evaluate'],
    ['data', '/data'],
    ['reports', `/reports/${runId}`],
    ['settings', '/settings'],
  ];
  for (const [name, place] of places) {
    await studio.go(place);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await shoot(name);
  }
  // The wizard in a window of its own: two hundred pictures are much for one page.
  await studio.app.close();
  studio = await launchStudio(home);
  page = studio.page;
  await studio.go(`/new/${runId}`);
  await expect(page.getByRole('heading', { name: 'Review' })).toBeVisible();
  const steps = ['Start from', 'Model', 'Data', 'Weak agent', 'Curriculum'];
  for (const step of [...steps, 'Optimisation', 'Review']) {
    await page.getByRole('button', { name: step, exact: true }).click();
    await expect(page.getByRole('heading', { name: step })).toBeVisible();
    await shoot(`new-${step.toLowerCase().replace(' ', '-')}`);
  }
  await studio.go(`/new/${(await runNamed(studio, 'Second round')).id}`);
  await expect(page.getByLabel('Configuration')).toContainText('Second round');
  await page.getByRole('button', { name: 'Mixing', exact: true }).click();
  await page.getByRole('button', { name: 'Inspect the mixture' }).click();
  await expect(page.locator('[data-model]')).toHaveCount(3, { timeout: 200_000 });
  await shoot('new-mixing');
  await studio.go(`/generate/${encodeURIComponent(trainedModel)}`);
  await page.getByRole('combobox', { name: 'Second model' }).fill(baseModel);
  await page.getByLabel('Prompt').fill('What is 9 + 9?');
  await page.getByLabel('New tokens').fill('24');
  await page.getByRole('button', { name: 'Generate', exact: true }).click();
  await expect(page.getByText(/^\d+ tokens in/)).toHaveCount(2, { timeout: 200_000 });
  await shoot('generate');
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Type a command').fill('run');
  await shoot('palette');
  await studio.app.close();

  async function shoot(name: string): Promise<void> {
    for (const theme of ['light', 'dark'] as const) {
      await studio.ask('settings.set', { theme });
      await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme);
      for (const [width, height] of sizes) {
        await resize(width, height);
        const busy = page.locator('[aria-busy="true"], .mantine-Skeleton-root');
        await expect(busy).toHaveCount(0, { timeout: 120_000 });
        await expect.poll(() => page.evaluate(plotsThatDoNotFit)).toBe(0);
        const file = join(folder, `${name}-${theme}-${width}.png`);
        const picture = await page.screenshot({ path: file, animations: 'disabled' });
        if (process.env['KEEP_SCREENSHOTS'] === '1' && kept.includes(basename(file, '.png'))) {
          mkdirSync(keptFolder, { recursive: true });
          const small = join(keptFolder, `${basename(file, '.png')}.webp`);
          writeFileSync(small, await asWebp(page, picture));
        }
        expect.soft(await cutOff(page), `${name} ${theme} ${width}`).toEqual([]);
      }
    }
  }

  async function resize(width: number, height: number): Promise<void> {
    await studio.app.evaluate(
      ({ BrowserWindow }, [w, h]) => BrowserWindow.getAllWindows()[0]?.setContentSize(w, h),
      [width, height] as const,
    );
    await expect
      .poll(() => page.evaluate(() => [innerWidth, innerHeight]))
      .toEqual([width, height]);
  }
});
