/** Another weak agent, chosen on the lineage tree, makes another run; everything before it is equal. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lossesOf, runNamed, waitFor } from './run-states.ts';
import { expect, smallRun, test } from './studio.ts';

test('the weak agent’s choice changes the config and the joint losses, nothing before', async ({
  studio,
  home,
}) => {
  const { page } = studio;
  const first = await studio.ask('runs.create', { config: smallRun('First', 10), start: 'now' });
  await waitFor(studio, first.id, 'finished');

  await studio.go(`/new/${first.id}`);
  await expect(page.getByRole('heading', { name: 'Review' })).toBeVisible();
  await page.getByRole('button', { name: 'Weak agent', exact: true }).click();
  const tree = page.getByRole('radiogroup', { name: 'Weak agent' });
  await expect(tree.getByRole('radio', { name: /start of this run/ })).toBeChecked();
  const earlier = tree.getByRole('radio', { name: /sft step 5 of First/i });
  await earlier.click();
  await expect(earlier).toBeChecked();
  await page.getByRole('button', { name: 'Review', exact: true }).click();
  await page.getByLabel('Name').fill('Second');
  await expect(page.getByLabel('Configuration')).toContainText(/weak: \S*step-/);
  await page.getByRole('button', { name: 'Start the run' }).click();
  const second = await runNamed(studio, 'Second');
  await waitFor(studio, second.id, 'finished');

  const weakOf = (runId: string): unknown => {
    const file = join(home, 'data', 'runs', runId, 'config.json');
    return (JSON.parse(readFileSync(file, 'utf8')) as { weak: unknown }).weak;
  };
  expect(weakOf(first.id)).toBe('base');
  expect(weakOf(second.id)).toContain(first.id);
  const sft = await lossesOf(studio, first.id, 'sft');
  expect(sft).toHaveLength(10);
  expect(await lossesOf(studio, second.id, 'sft')).toEqual(sft);
  const joint = await lossesOf(studio, first.id, 'joint');
  const otherJoint = await lossesOf(studio, second.id, 'joint');
  expect(otherJoint).toHaveLength(joint.length);
  for (const [step, loss] of joint.entries()) expect(otherJoint[step]).not.toBe(loss);
});
