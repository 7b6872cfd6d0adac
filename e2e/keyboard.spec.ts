/** A run set up and started by keys alone; wherever the focus is, it can be seen. */
import type { Locator, Page } from '@playwright/test';
import { patience, runNamed, waitFor } from './run-states.ts';
import { baseModel, expect, test, trainingData } from './studio.ts';

/** What tells a user where the focus is: an outline or a ring of the focused element. */
async function focusIsSeen(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return 'nothing has the focus';
    const drawn = (node: Element): boolean => {
      const { outlineStyle, outlineWidth, boxShadow, borderColor } = getComputedStyle(node);
      const outlined = outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
      const isField = node.matches('input, textarea');
      return outlined || boxShadow !== 'none' || (isField && borderColor !== '');
    };
    // The visible part of a switch or radio is a neighbour of its hidden input.
    const around = [element, ...(element.parentElement?.querySelectorAll('*') ?? [])];
    return around.some(drawn) ? 'seen' : `not seen: ${element.outerHTML.slice(0, 200)}`;
  });
}

/** Presses Tab until `target` has the focus; a user would not go on for ever. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let press = 0; press < 60; press += 1) {
    if (await target.evaluate((node) => node === document.activeElement)) return;
    await page.keyboard.press('Tab');
    expect(await focusIsSeen(page)).toBe('seen');
  }
  throw new Error(`60 presses of Tab do not reach ${String(target)}`);
}

test('from the start to a running run, stopped and saved, by keys alone', async ({ studio }) => {
  const { page } = studio;
  const button = (name: string): Locator => page.getByRole('button', { name, exact: true });
  const press = async (target: Locator, key: 'Enter' | 'Space' = 'Enter'): Promise<void> => {
    await tabTo(page, target);
    await page.keyboard.press(key);
  };
  const type = async (target: Locator, text: string): Promise<void> => {
    await tabTo(page, target);
    await page.keyboard.press('Control+a');
    await page.keyboard.type(text);
    await expect(target).toHaveValue(text);
  };
  await press(page.getByRole('link', { name: 'New run' }));
  await press(button('Use: Own model and data'));
  await type(page.getByRole('combobox', { name: 'Model folder' }), baseModel);
  await expect(page.locator('[data-recognised]')).toBeVisible();
  await press(button('Next: Data'));
  await type(page.getByRole('combobox', { name: 'Training data' }), trainingData);
  await expect(page.locator('[data-preview]')).toBeVisible();
  await press(button('Next: Weak agent'));
  await press(page.getByRole('radio', { name: /start of this run/ }), 'Space');
  await press(button('Next: Curriculum'));
  await tabTo(page, page.getByRole('slider', { name: 'β' }));
  await page.keyboard.press('ArrowLeft');
  await press(button('Next: Mixing'));
  await tabTo(page, page.getByRole('slider', { name: 'Lambda' }));
  await page.keyboard.press('ArrowLeft');
  await press(button('Next: Optimisation'));
  await type(page.getByLabel('SFT steps'), '200');
  await type(page.getByLabel('Micro-batches per step'), '1');
  await press(button('Next: Review'));
  await type(page.getByLabel('Name'), 'By keys');
  await expect(page.getByLabel('Configuration')).toContainText('lambda: 0.49');
  await expect(page.getByLabel('Configuration')).toContainText('beta: 0.79');
  await press(button('Start the run'));

  const run = await runNamed(studio, 'By keys');
  await expect(page.locator('[data-stage="sft"][data-status="running"]')).toBeVisible({
    timeout: patience,
  });
  await press(button('Stop and save'));
  await waitFor(studio, run.id, 'stopped');
});

test('the focus check sees a focus that cannot be seen', async ({ studio }) => {
  const { page } = studio;
  await page.evaluate(() => {
    const bare = document.createElement('button');
    bare.style.all = 'unset';
    document.body.append(bare);
    bare.focus();
  });
  expect(await focusIsSeen(page)).toContain('not seen');
});
