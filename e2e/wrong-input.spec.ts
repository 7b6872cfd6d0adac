/** What is wrong with a user's files: the app says it in the same words as `wds`. */
import { cpSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refusalOf } from './command-line.ts';
import { baseModel, expect, test, trainingData } from './studio.ts';
import type { Studio } from './studio.ts';

async function openWizard({ page }: Studio): Promise<void> {
  await page.getByRole('link', { name: 'New run' }).click();
  await page.getByRole('button', { name: 'Use: Own model and data' }).click();
}

for (const [what, damage] of [
  ['weights cut off', (folder: string) => truncateSync(join(folder, 'model.safetensors'), 100_000)],
  ['no weights', (folder: string) => truncateSync(join(folder, 'model.safetensors'), 0)],
  ['a damaged config', (folder: string) => writeFileSync(join(folder, 'config.json'), '{"a"')],
  [
    'another architecture',
    (folder: string) => {
      const file = join(folder, 'config.json');
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll('qwen3', 'llama'));
    },
  ],
] as const) {
  test(`a corrupt model folder, ${what}`, async ({ studio, home }) => {
    const { page } = studio;
    const folder = join(home, 'model');
    cpSync(baseModel, folder, { recursive: true });
    await openWizard(studio);
    const field = page.getByRole('combobox', { name: 'Model folder' });
    await field.fill(folder);
    await expect(page.locator('[data-recognised]')).toBeVisible();

    damage(folder);
    await field.fill(`${folder}/.`);
    const shown = page.locator('[data-error]');
    await expect(shown).toBeVisible();
    const { message, hint } = await refusalOf([
      'run',
      '--model',
      folder,
      '--data',
      trainingData,
      '--out',
      join(home, 'refused'),
    ]);
    expect(await shown.innerText()).toBe(`${message}\n\n${hint}`);
  });
}

for (const [what, line] of [
  ['broken JSON', '{"prompt": "1 + 1", "completion": '],
  ['a row without an answer', '{"messages": [{"role": "user", "content": "1 + 1"}]}'],
  ['a number instead of a row', '7'],
] as const) {
  test(`a broken data file, ${what}`, async ({ studio, home }) => {
    const { page } = studio;
    const good = readFileSync(trainingData, 'utf8').split('\n').slice(0, 3);
    const file = join(home, 'rows.jsonl');
    writeFileSync(file, `${good.join('\n')}\n`);
    await openWizard(studio);
    await page.getByRole('combobox', { name: 'Model folder' }).fill(baseModel);
    await page.getByRole('button', { name: 'Next: Data' }).click();
    const field = page.getByRole('combobox', { name: 'Training data' });
    await field.fill(file);
    await expect(page.locator('[data-preview]')).toBeVisible();

    const broken = join(home, 'broken.jsonl');
    writeFileSync(broken, `${[...good, line].join('\n')}\n`);
    await field.fill(broken);
    const shown = page.locator('[data-error]');
    await expect(shown).toBeVisible();
    const { message, hint } = await refusalOf([
      'run',
      '--model',
      baseModel,
      '--data',
      broken,
      '--out',
      join(home, 'refused'),
    ]);
    expect(await shown.innerText()).toBe(`${message}\n\n${hint}`);
  });
}
