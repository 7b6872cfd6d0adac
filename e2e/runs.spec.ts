/** Runs in the real engine: live, paused, killed, resumed, queued. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lossesOf, patience, statusOf, waitFor, waitForStep, weightsHash } from './run-states.ts';
import { baseModel, expect, launchStudio, smallRun, test, trainingData } from './studio.ts';

test('a run of own files through the wizard, watched live', async ({ studio }) => {
  const { page } = studio;
  await page.getByRole('link', { name: 'New run' }).click();
  await page.getByRole('button', { name: 'Use: Own model and data' }).click();
  await page.getByRole('combobox', { name: 'Model folder' }).fill(join(baseModel, 'nowhere'));
  await expect(page.locator('[data-error]')).toBeVisible();
  await page.getByRole('combobox', { name: 'Model folder' }).fill(baseModel);
  await expect(page.locator('[data-recognised]')).toContainText('Qwen3');
  await page.getByRole('button', { name: 'Next: Data' }).click();
  await page.getByRole('combobox', { name: 'Training data' }).fill(trainingData);
  await expect(page.locator('[data-preview]')).toContainText('As the model sees it');
  await expect(page.locator('.token-trained').first()).toBeVisible();
  await page.getByRole('button', { name: 'Optimisation', exact: true }).click();
  await page.getByLabel('SFT steps').fill('12');
  await page.getByLabel('Joint steps').fill('12');
  await page.getByLabel('Micro-batches per step').fill('2');
  await expect(page.locator('[data-plan]')).toContainText('Peak memory');
  await page.getByRole('button', { name: 'Review', exact: true }).click();
  await page.getByLabel('Name').fill('Own files');
  await expect(page.getByLabel('Configuration')).toContainText(`model: ${baseModel}`);
  await page.getByRole('button', { name: 'Start the run' }).click();

  await expect(page.getByRole('heading', { name: 'Own files' })).toBeVisible();
  await expect(page.locator('[data-stage="sft"][data-status="running"]')).toBeVisible({
    timeout: patience,
  });
  await expect(page.locator('[data-status="finished"]').first()).toBeVisible({ timeout: patience });
  await expect(page.locator('.chart-surface').first()).toHaveAttribute('data-points', '12');
  await page.getByRole('tab', { name: 'curriculum' }).click();
  await expect(page.getByRole('table', { name: 'Rows with the most weight' })).toBeVisible();
});

test('paused, quit, reopened and resumed, a run ends in the weights of an undisturbed one', async ({
  home,
}) => {
  let studio = await launchStudio(home);
  const whole = await studio.ask('runs.create', { config: smallRun('Whole'), start: 'now' });
  await waitFor(studio, whole.id, 'finished');
  const parted = await studio.ask('runs.create', { config: smallRun('Parted'), start: 'now' });
  await studio.go(`/runs/${parted.id}`);
  await waitForStep(studio, 'joint', 3);
  await studio.page.getByRole('button', { name: 'Pause' }).click();
  await waitFor(studio, parted.id, 'paused');
  await studio.app.close();

  studio = await launchStudio(home);
  await studio.go(`/runs/${parted.id}`);
  await studio.page.getByRole('button', { name: 'Resume' }).click();
  await waitFor(studio, parted.id, 'finished');
  expect(weightsHash(studio, parted.id)).toBe(weightsHash(studio, whole.id));
  await studio.app.close();
});

test('the engine killed with -9: the reason is shown, resume finishes the run', async ({
  studio,
}) => {
  const { page } = studio;
  const run = await studio.ask('runs.create', { config: smallRun('Killed', 24), start: 'now' });
  await studio.go(`/runs/${run.id}`);
  await waitForStep(studio, 'sft', 8);
  const pid = await studio.app.evaluate(
    ({ app }) => app.getAppMetrics().find(({ type }) => type === 'Utility')?.pid,
  );
  const engines = await studio.app.evaluate(({ app }) =>
    app
      .getAppMetrics()
      .filter(({ name, serviceName }) => `${name} ${serviceName}`.includes('engine'))
      .map((process) => process.pid),
  );
  expect(pid).toBeDefined();
  expect(engines).toHaveLength(1);
  process.kill(engines[0]!, 'SIGKILL');
  await expect(page.locator('[data-error="engine-crashed"]')).toContainText('killed');
  await expect(page.locator('[data-status="interrupted"]')).toBeVisible();
  await page.locator('[data-error]').getByRole('button', { name: 'Resume' }).click();
  await waitFor(studio, run.id, 'finished');
  const { series } = await studio.ask('run.snapshot', { runId: run.id });
  const sft = series.find(({ stage }) => stage === 'sft');
  expect(Object.values(sft?.step ?? {})).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
});

test('the page killed with -9: the run goes on, and the window shows it again', async ({
  studio,
}) => {
  const run = await studio.ask('runs.create', { config: smallRun('Seen again', 24), start: 'now' });
  await studio.go(`/runs/${run.id}`);
  await waitForStep(studio, 'sft', 2);
  // Playwright's own page goes with the process: from here on the window is asked through the shell.
  const before = await studio.app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]!.webContents;
    contents.once('did-finish-load', () => Object.assign(globalThis, { loadedAgain: true }));
    return contents.getOSProcessId();
  });
  process.kill(before, 'SIGKILL');
  const loadedAgain = (): Promise<boolean> =>
    studio.app.evaluate(() => 'loadedAgain' in globalThis);
  await expect.poll(loadedAgain, { timeout: 60_000 }).toBe(true);
  const shown = (): Promise<string> =>
    studio.app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]!.webContents;
      const script = "document.querySelector('header')?.textContent ?? ''";
      return contents.executeJavaScript(script) as Promise<string>;
    });
  await expect.poll(shown, { timeout: patience }).toContain('Seen again');
  await expect.poll(shown, { timeout: patience }).toContain('finished');
});

test('a queue of two: the first fails and says why, the second starts and finishes', async ({
  studio,
  home,
}) => {
  const { page } = studio;
  const file = join(home, 'vanishing.jsonl');
  cpSync(trainingData, file);
  const vanishing = { ...smallRun('Broken'), data: { file, limit: 16 } };
  const first = await studio.ask('runs.create', { config: vanishing, start: 'later' });
  const second = await studio.ask('runs.create', { config: smallRun('Good', 4), start: 'later' });
  rmSync(file);
  await studio.go('/runs');
  for (const name of ['Broken', 'Good']) {
    await page.getByRole('button', { name: `Actions for ${name}` }).click();
    const menu = page.getByRole('menu', { name: `Actions for ${name}` });
    await menu.getByRole('menuitem', { name: 'Add to queue' }).click();
  }
  await waitFor(studio, second.id, 'finished');
  expect(await statusOf(studio, first.id)).toBe('failed');
  expect(await lossesOf(studio, second.id, 'joint')).toHaveLength(4);
  await page.getByRole('link', { name: 'Broken' }).click();
  await expect(page.locator('[data-error]')).toContainText('vanishing.jsonl');
});
