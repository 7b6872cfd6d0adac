/** Two models of one run side by side: what the page shows is what `wds compare` says. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison } from '../main/contract/comparison.ts';
import { wds } from './command-line.ts';
import { waitFor } from './run-states.ts';
import { expect, smallRun, test, trainingData } from './studio.ts';

test('a run beside its own baseline: answers, items, entropies, weights, a prompt, a file', async ({
  studio,
  home,
}) => {
  const { page } = studio;
  const run = await studio.ask('runs.create', {
    config: {
      ...smallRun('Compared'),
      baseline: true,
      evaluation: { heldOut: trainingData, limit: 12, maxNewTokens: 12 },
    },
    start: 'now',
  });
  await waitFor(studio, run.id, 'finished');
  const folder = join(home, 'data', 'runs', run.id);
  const said = (await wds(['compare', `${folder}:baseline`, folder])).document as Comparison;

  await studio.go(`/compare/${run.id}`);
  const scores = page.getByRole('table', { name: 'Answers by model' });
  await expect(scores.getByRole('row')).toHaveCount(3);
  const row = scores.getByRole('row', { name: /weak-driven/ });
  const accuracy = said.evaluation?.scores[1]?.accuracy ?? NaN;
  await expect(row).toContainText(`${(100 * accuracy).toFixed(1)} %`);

  const items = said.evaluation?.items ?? [];
  const wrong = items.filter(({ answers }) => answers.every(({ correct }) => !correct));
  await page.getByText(`Still wrong ${wrong.length}`).click();
  const listed = page.getByRole('group', { name: 'Items' }).getByRole('button');
  await expect(listed).toHaveCount(Math.min(12, wrong.length));
  await listed.first().click();
  await expect(page.getByRole('group', { name: 'Items' })).toContainText(
    wrong[0]?.answers[0]?.text.split('\n')[0] ?? 'no item',
  );

  const scatter = page.getByRole('img', { name: /Scatter of 12 samples/ });
  await expect(scatter).toBeVisible();

  await page.getByRole('button', { name: 'Read the weights' }).click();
  const map = page.getByRole('table', { name: /Distance from the baseline/ });
  await expect(map).toBeVisible();
  const share = said.weights?.models[1]?.relative[0]?.[0] ?? NaN;
  const name = `Layer 0, q_proj: ${(100 * share).toFixed(3)} %`;
  await expect(map.getByTitle(name)).toBeVisible();

  await page.getByRole('textbox', { name: 'Prompt' }).fill('What is 1 + 2?');
  await page.getByRole('button', { name: 'Generate', exact: true }).click();
  await expect(
    page.getByText(/\d+ tokens? in .*, (ended by itself|reached the limit)/),
  ).toHaveCount(2);

  const file = join(home, 'comparison.html');
  const models = [{ runId: run.id, member: 'baseline' as const }, { runId: run.id }];
  await studio.ask('compare.export', { models, file });
  expect(existsSync(file)).toBe(true);
  expect(readFileSync(file, 'utf8')).toContain('Compared · weak-driven');
});
