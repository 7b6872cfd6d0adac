/**
 * Models taken away from the app, in every format: the files are those of `wds export`; what cannot be,
 * is taken or is cancelled says so. The system's dialogs are answered by the test.
 */
import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { wds } from './command-line.ts';
import { runNamed, stageFolder, waitFor } from './run-states.ts';
import { baseModel, expect, launchStudio, projectFolder, smallRun, test } from './studio.ts';
import type { Studio } from './studio.ts';

const pictures = join(projectFolder, 'test-results', 'screenshots');

/** Every folder dialog answers `folder`; what is shown in the file manager is noted. */
async function answerDialogs({ app }: Studio, folder: string): Promise<() => Promise<string[]>> {
  mkdirSync(folder);
  await app.evaluate(({ dialog, shell }, chosen) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] });
    const shown: string[] = [];
    shell.showItemInFolder = (path: string) => void shown.push(path);
    Object.assign(globalThis, { shown });
  }, folder);
  return () => app.evaluate(() => (globalThis as unknown as { shown: string[] }).shown);
}

/** Fills the dialog's form and exports; the name of the new folder. */
async function exportAs(dialog: Locator, format: string, type?: string): Promise<string> {
  const page = dialog.page();
  await dialog.getByRole('radio', { name: format }).click();
  if (type !== undefined) {
    await dialog.getByRole('combobox', { name: 'Type of the weights' }).click();
    await page.getByRole('option', { name: new RegExp(`^${type}:`) }).click();
  }
  await dialog.getByRole('button', { name: 'Browse: Target folder' }).click();
  await expect(dialog.getByRole('combobox', { name: 'Target folder' })).not.toHaveValue('');
  const name = await dialog.getByLabel('New folder in it').inputValue();
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  return name;
}

/** By name; the card has the date, nothing else does. */
function filesIn(folder: string): Record<string, Buffer> {
  const names = readdirSync(folder).filter((name) => name !== 'README.md');
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))]));
}

async function look(studio: Studio, name: string): Promise<void> {
  const { page, app, ask } = studio;
  await app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.setContentSize(1280, 800),
  );
  await expect.poll(() => page.evaluate(() => [innerWidth, innerHeight])).toEqual([1280, 800]);
  for (const theme of ['light', 'dark'] as const) {
    await ask('settings.set', { theme });
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme);
    await page.screenshot({
      path: join(pictures, `export-${name}-${theme}-1280.png`),
      animations: 'disabled',
    });
    expect.soft(await graveViolations(page), `${name} ${theme}`).toEqual([]);
  }
}

async function graveViolations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}

test('a whole model: a folder for transformers and GGUF; the formats of adapters say why not', async ({
  studio,
  home,
}) => {
  const { page } = studio;
  const { id } = await studio.ask('runs.create', { config: smallRun('Whole', 6), start: 'now' });
  await waitFor(studio, id, 'finished');
  const target = join(home, 'taken away');
  const shown = await answerDialogs(studio, target);
  await studio.go(`/runs/${id}`);
  const dialog = page.getByRole('dialog', { name: 'Export Whole' });
  const open = page.getByRole('button', { name: 'Export…' });
  const formats = [
    ['Hugging Face folder', undefined, ['--format', 'hf']],
    ['GGUF', 'F16', ['--format', 'gguf', '--dtype', 'f16']],
    ['GGUF', 'Q8_0', ['--format', 'gguf', '--dtype', 'q8_0']],
  ] as const;
  for (const [format, type, args] of formats) {
    await open.click();
    await expect(dialog.getByRole('radio', { name: 'PEFT adapter' })).toBeDisabled();
    await expect(dialog.getByRole('radio', { name: 'Merged model' })).toBeDisabled();
    await expect(dialog).toContainText(
      'This is a whole model, not an adapter: there is nothing to export as peft.',
    );
    if (format === 'Hugging Face folder') await look(studio, 'whole');
    const name = await exportAs(dialog, format, type);
    await expect(dialog.locator('[data-exported]')).toContainText(join(target, name));
    if (type === 'Q8_0') await look(studio, 'done');
    await dialog.getByRole('button', { name: 'Show in folder' }).click();
    await expect.poll(shown).toContain(join(target, name));
    await dialog.getByRole('button', { name: 'Done' }).click();

    const own = filesIn(join(target, name));
    const other = join(home, `wds-${name}`);
    const run = join(home, 'data', 'runs', id);
    expect((await wds(['export', run, '--out', other], [...args])).code).toBe(0);
    const expected = filesIn(other);
    expect(Object.keys(own)).toEqual(Object.keys(expected));
    for (const [file, content] of Object.entries(expected)) {
      expect(own[file]!.equals(content), file).toBe(true);
    }
    if (format === 'GGUF') {
      const [gguf] = Object.entries(own).filter(([file]) => file.endsWith('.gguf'));
      expect(gguf![1].subarray(0, 4).toString()).toBe('GGUF');
    } else {
      expect(Object.keys(own)).toEqual(expect.arrayContaining(['config.json', 'tokenizer.json']));
      const trained = join(stageFolder(studio, id, 'extract'), 'model', 'model.safetensors');
      const hashes = tensorHashes(own['model.safetensors']!);
      expect(hashes).toEqual(tensorHashes(readFileSync(trained)));
    }
  }

  // The same again: the place is taken, and nothing is written over.
  await open.click();
  const taken = await exportAs(dialog, 'Hugging Face folder');
  await expect(dialog.locator('[data-error="file-unwritable"]')).toContainText(
    `${join(target, taken)} is there already.`,
  );
  await look(studio, 'taken');
});

test('a checkpoint of a LoRA run: adapter, merged and GGUF; a folder for transformers says why not', async ({
  studio,
  home,
}) => {
  const { page } = studio;
  const config = { ...smallRun('Low rank', 6), lora: { rank: 4, alpha: 8 } };
  const { id } = await studio.ask('runs.create', { config, start: 'now' });
  await waitFor(studio, id, 'finished');
  const target = join(home, 'taken');
  await answerDialogs(studio, target);
  await studio.go(`/runs/${id}/checkpoints`);
  const checkpoints = page.getByRole('table', { name: 'Checkpoints' });
  await expect(checkpoints).toBeVisible();
  await look(studio, 'checkpoints');
  const dialog = page.getByRole('dialog', { name: /^Export .*step \d+/ });
  const found: Record<string, Record<string, Buffer>> = {};
  for (const format of ['PEFT adapter', 'Merged model', 'GGUF']) {
    await checkpoints.getByRole('button', { name: 'Export…' }).first().click();
    await expect(dialog.getByRole('radio', { name: 'Hugging Face folder' })).toBeDisabled();
    await expect(dialog).toContainText('This is an adapter, not a whole model.');
    if (format === 'PEFT adapter') {
      await dialog.getByLabel(/^Published base model/).fill('nobody/tiny-qwen3');
    }
    const name = await exportAs(dialog, format);
    await expect(dialog.locator('[data-exported]')).toContainText(join(target, name));
    await dialog.getByRole('button', { name: 'Done' }).click();
    found[format] = filesIn(join(target, name));
  }
  const adapter = found['PEFT adapter']!;
  expect(Object.keys(adapter)).toContain('adapter_model.safetensors');
  expect(JSON.parse(adapter['adapter_config.json']!.toString())).toMatchObject({
    base_model_name_or_path: 'nobody/tiny-qwen3',
    r: 4,
  });
  const merged = found['Merged model']!;
  expect(Object.keys(merged)).toEqual(expect.arrayContaining(['config.json', 'tokenizer.json']));
  const base = readFileSync(join(baseModel, 'model.safetensors'));
  expect(merged['model.safetensors']!.equals(base)).toBe(false);
  const [gguf] = Object.entries(found['GGUF']!).filter(([file]) => file.endsWith('.gguf'));
  expect(gguf![1].subarray(0, 4).toString()).toBe('GGUF');
});

interface Tensor {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** A safetensors file: which tensors, and where their bytes begin. */
function readTensors(file: Buffer): { tensors: Record<string, Tensor>; start: number } {
  const start = 8 + Number(file.readBigUInt64LE());
  const { __metadata__: _, ...tensors } = JSON.parse(file.toString('utf8', 8, start)) as Record<
    string,
    Tensor
  >;
  return { tensors, start };
}

/** By name, whatever their order in the file. */
function tensorHashes(file: Buffer): Record<string, string> {
  const { tensors, start } = readTensors(file);
  const hashes = Object.entries(tensors).map(
    ([
      name,
      {
        data_offsets: [begin, end],
      },
    ]) => {
      const bytes = file.subarray(start + begin, start + end);
      return [name, createHash('sha256').update(bytes).digest('hex')] as const;
    },
  );
  return Object.fromEntries(hashes);
}

/** As the base, with far wider layers full of zeros that take no room on the disk. */
function writeWideModel(folder: string): void {
  const wide = 655_360;
  cpSync(baseModel, folder, { recursive: true });
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as object;
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify({ ...config, intermediate_size: wide }),
  );
  const file = join(folder, 'model.safetensors');
  const { tensors } = readTensors(readFileSync(file));
  let offset = 0;
  const entries = Object.entries(tensors).map(([name, { dtype, shape }]) => {
    const wider = name.includes('.mlp.')
      ? shape.map((side) => (side === 160 ? wide : side))
      : shape;
    const begin = offset;
    offset += 4 * wider.reduce((product, side) => product * side, 1);
    return [name, { dtype, shape: wider, data_offsets: [begin, offset] }];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(file, Buffer.concat([length, header]));
  truncateSync(file, 8 + header.length + offset);
}

test('a large model: how far it is, on in the background, cancelled or quit; nothing half done remains', async ({
  home,
}) => {
  const studio = await launchStudio(home);
  const { page } = studio;
  await studio.ask('runs.create', { config: smallRun('Large', 2), start: 'now' });
  const { id } = await runNamed(studio, 'Large');
  await waitFor(studio, id, 'finished');
  const model = join(stageFolder(studio, id, 'extract'), 'model');
  rmSync(model, { recursive: true });
  writeWideModel(model);
  const target = join(home, 'empty');
  await answerDialogs(studio, target);
  await studio.go(`/runs/${id}`);
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Type a command').fill('export large');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Export Large' });
  await exportAs(dialog, 'GGUF', 'Q8_0');
  await expect(dialog).toContainText(/\d MB of \d+ MB/);
  await dialog.getByRole('button', { name: 'Go on in the background' }).click();
  await expect(dialog).toBeHidden();
  await studio.go('/settings');
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Type a command').fill('export large');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('progressbar')).toBeVisible();
  await expect(dialog).toContainText(/about .* left/);
  await page.screenshot({ path: join(pictures, 'export-progress.png'), animations: 'disabled' });
  expect(readdirSync(target)).toHaveLength(1);
  await dialog.getByRole('button', { name: 'Cancel the export' }).click();
  // What was entered is still there.
  await expect(dialog.getByRole('radio', { name: 'GGUF' })).toBeVisible();
  await expect(dialog.getByRole('radio', { name: 'GGUF' })).toBeChecked();
  expect(readdirSync(target)).toEqual([]);

  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  await expect(dialog).toContainText(/\d MB of \d+ MB/);
  expect(readdirSync(target)).toHaveLength(1);
  await studio.app.close();
  expect(readdirSync(target)).toEqual([]);
});
