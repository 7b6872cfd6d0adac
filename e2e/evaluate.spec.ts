/** The Evaluate page: a task and a file of one's own, stopped and gone on with; scores are those of wds. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EvaluationSummary } from '../main/contract/evaluation.ts';
import { wds } from './command-line.ts';
import { patience } from './run-states.ts';
import { baseModel, expect, test, trainedModel } from './studio.ts';

const items = 24;

function writeTask(home: string): { task: string; data: string } {
  const task = join(home, 'sums.yaml');
  const data = join(home, 'sums.jsonl');
  const rows = Array.from({ length: items }, (_, index) =>
    JSON.stringify({
      question: `What is ${index % 10} + ${index % 7}?`,
      answer: `${(index % 10) + (index % 7)}`,
    }),
  );
  writeFileSync(data, `${rows.join('\n')}\n`);
  writeFileSync(
    task,
    'name: sums\ntitle: Small sums\nanswer: { kind: number }\nsystem: none\nmaxNewTokens: 24\n',
  );
  return { task, data };
}

test('two models on a task, stopped, gone on with, looked into', async ({ studio, home }) => {
  const { page, ask } = studio;
  const { task, data } = writeTask(home);
  await page.getByRole('link', { name: 'Evaluate' }).click();
  await expect(page.getByRole('button', { name: 'Evaluate' })).toBeDisabled();
  for (const model of [trainedModel, baseModel]) {
    await page.getByRole('combobox', { name: 'Another model folder' }).fill(model);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
  }
  await page.getByRole('combobox', { name: 'Benchmark' }).click();
  await page.getByRole('option', { name: 'A task of your own (YAML)' }).click();
  await page.getByRole('combobox', { name: 'Task file' }).fill(task);
  await page.getByRole('combobox', { name: 'Data file' }).fill(data);
  await page.getByRole('button', { name: 'Evaluate 2 models' }).click();
  const first = page.locator('[data-evaluation]').first();
  await first.getByRole('button', { name: 'Stop' }).click();
  await expect(page.locator('[data-evaluation="stopped"]')).toBeVisible({ timeout: patience });
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(page.locator('[data-finished]')).toHaveCount(2, { timeout: patience });
  await expect(page.locator('[data-evaluation]')).toHaveCount(0);

  const { finished } = await ask('evaluations.list', {});
  for (const model of [trainedModel, baseModel]) {
    const own = finished.find(({ summary }) => summary.model.path === model)!;
    const { document } = await wds(
      ['eval', '--model', model, '--task', task, '--data', data],
      ['--out', join(home, `wds-${own.id}`)],
    );
    const { mean, hash } = document as EvaluationSummary;
    expect({ mean: own.summary.mean, hash: own.summary.hash }).toEqual({ mean, hash });
  }

  await page.locator('[data-finished]').first().getByRole('link').click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Small sums');
  const generations = page.getByRole('group', { name: 'Generations' });
  await expect(generations.getByRole('button')).toHaveCount(items);
  await generations.getByRole('button').first().click();
  await expect(generations.getByText(/tokens asked/)).toBeVisible();
});

test('a model that is not there: the reason, beside the evaluation', async ({ studio, home }) => {
  const { page, ask } = studio;
  const { task, data } = writeTask(home);
  const missing = join(home, 'nowhere');
  await studio.go('/evaluate');
  await ask('evaluations.start', { requests: [{ model: missing, task, data }] });
  await expect(page.locator('[data-evaluation="failed"]')).toContainText(missing);
  await page.getByRole('button', { name: /^Remove/ }).click();
  await expect(page.locator('[data-evaluation]')).toHaveCount(0);
});
