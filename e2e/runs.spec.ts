/** Runs in the real engine: live, paused, killed, resumed, queued. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunStatus } from '../main/contract/runs.ts';
import { baseModel, expect, launchStudio, smallRun, test, trainingData } from './studio.ts';
import type { Studio } from './studio.ts';

/** Longer than a run takes on a slow, busy machine; nothing waits for it to pass. */
const patience = 400_000;

async function statusOf({ ask }: Studio, runId: string): Promise<RunStatus | undefined> {
  return (await ask('runs.list', {})).find(({ id }) => id === runId)?.status;
}

async function waitFor(studio: Studio, runId: string, status: RunStatus): Promise<void> {
  await expect
    .poll(() => statusOf(studio, runId), { timeout: patience, intervals: [250] })
    .toBe(status);
}

async function waitForStep(studio: Studio, stage: string, step: number): Promise<void> {
  await expect
    .poll(
      async () => {
        const [run] = await studio.ask('runs.list', {});
        return run?.stage === stage && (run.step ?? 0) >= step;
      },
      { timeout: patience, intervals: [100] },
    )
    .toBe(true);
}

function modelHash(home: string, runId: string): string {
  const path = join(home, 'data', 'runs', runId, 'stages', 'extract', 'model', 'model.safetensors');
  expect(existsSync(path)).toBe(true);
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

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
  expect(modelHash(home, parted.id)).toBe(modelHash(home, whole.id));
  await studio.app.close();
});

test('the engine killed with -9: the reason is shown, resume finishes the run', async ({
  studio,
}) => {
  const { page } = studio;
  const run = await studio.ask('runs.create', { config: smallRun('Killed', 40), start: 'now' });
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
  expect(Object.values(sft?.step ?? {})).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
});

test('a queue of two: the second starts when the first has failed', async ({ studio }) => {
  const broken = { ...smallRun('Broken'), weak: 'checkpoint:3', lora: null };
  const first = await studio.ask('runs.create', { config: broken, start: 'queued' });
  const second = await studio.ask('runs.create', { config: smallRun('Good', 4), start: 'queued' });
  await waitFor(studio, second.id, 'finished');
  expect(await statusOf(studio, first.id)).toMatch(/failed|finished/);
});
