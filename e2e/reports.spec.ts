/** Reports: read in the window, taken away in every format; hostile text in them is text. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from './run-states.ts';
import { expect, smallRun, test } from './studio.ts';

const formats = ['html', 'pdf', 'md', 'json', 'csv'] as const;

test('a report is read here and taken away in every format', async ({ studio, home }) => {
  const { page, ask } = studio;
  const name = '<script>window.injected = 1</script><b>Reported</b>';
  const { id } = await ask('runs.create', { config: smallRun(name, 6), start: 'now' });
  await waitFor(studio, id, 'finished');
  await page.getByRole('link', { name: 'Reports' }).click();
  await expect(page.getByRole('navigation', { name: 'Reports' })).toContainText(name);
  const preview = page.frameLocator('iframe');
  await expect(preview.getByRole('heading', { level: 1 })).toHaveText(name);
  await expect(preview.getByText('wds run --config')).toBeVisible();
  // The style sheet is in force, and nothing of the text has become an element or run.
  await expect(preview.locator('nav')).toBeHidden();
  expect(await preview.locator('script, b').count()).toBe(0);
  expect(await page.evaluate(() => 'injected' in window)).toBe(false);

  await page.getByRole('button', { name: 'Export' }).click();
  await expect(page.getByRole('menuitem')).toHaveCount(6);
  const folder = join(home, 'exported');
  mkdirSync(folder);
  for (const format of formats) {
    const file = join(folder, `report.${format}`);
    await ask('report.export', { runId: id, format, file });
    expect(existsSync(file), format).toBe(true);
  }
  const pdf = readFileSync(join(folder, 'report.pdf'));
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)!.length).toBeGreaterThan(2);
  const document = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as {
    modelFiles: { role: string; fingerprint: string }[];
  };
  expect(document.modelFiles[0]).toMatchObject({ role: 'base' });
  const logs = join(folder, 'tensorboard');
  await ask('report.export', { runId: id, format: 'tensorboard', file: logs });
  expect(readdirSync(logs)).toEqual(expect.arrayContaining(['sft', 'joint']));
  // The window that printed is gone.
  expect(
    await studio.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()),
  ).toHaveLength(1);
});

test('a run of another process is followed live', async ({ studio, home }) => {
  const { page, ask } = studio;
  const { id } = await ask('runs.create', { config: smallRun('Elsewhere', 6), start: 'later' });
  await studio.go(`/runs/${id}/log`);
  await expect(page.getByRole('heading', { name: 'Elsewhere' })).toBeVisible();
  const log = join(home, 'data', 'runs', id, 'events.jsonl');
  const event = (seq: number, message: string): string =>
    `${JSON.stringify({ seq, time: Date.now(), runId: id, kind: 'warning', code: `w${seq}`, message })}\n`;
  writeFileSync(log, event(0, 'the first line of another process'));
  await expect(page.getByText('the first line of another process').first()).toBeVisible();
  writeFileSync(log, event(1, 'and the second'), { flag: 'a' });
  await expect(page.getByText('and the second').first()).toBeVisible();
});
