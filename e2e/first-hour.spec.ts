/** The first hour: an empty app, one click, the whole method on the embedded model, a report. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './studio.ts';

test('one click runs the whole method on the embedded model', async ({ studio, home }) => {
  const { page } = studio;
  await page.getByRole('button', { name: 'Try the whole method' }).click();
  await expect(page.getByRole('list', { name: 'Stages' })).toBeVisible();
  await expect(page.locator('[data-stage="joint"][data-status="running"]')).toBeVisible({
    timeout: 800_000,
  });
  await expect(page.getByRole('region', { name: 'Loss' }).locator('[data-points]')).toBeVisible({
    timeout: 200_000,
  });
  const results = page.getByRole('table', { name: 'Held-out results' });
  await expect(results.getByRole('row', { name: /weak-driven/ })).toBeVisible({ timeout: 800_000 });
  await expect(page.locator('header [data-status="finished"]')).toBeVisible({ timeout: 200_000 });

  const [run] = await studio.ask('runs.list', {});
  const models = run?.results.map(({ model }) => model) ?? [];
  expect(models).toEqual(expect.arrayContaining(['base', 'sft', 'baseline', 'weak-driven']));
  const file = join(home, 'report.html');
  await studio.ask('report.export', { runId: run?.id ?? '', format: 'html', file });
  expect(existsSync(file)).toBe(true);
  expect(readFileSync(file, 'utf8')).toContain(run?.name ?? 'no run');
});
