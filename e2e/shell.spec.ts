/** Palette, keyboard, theme, settings that last, and the question when a window is closed. */
import { supportEnded } from '../electron/supported-electron.mjs';
import { expect, launchStudio, smallRun, test } from './studio.ts';

test('everything is reached by the palette, and by keys alone', async ({ studio }) => {
  const { page } = studio;
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Type a command').fill('theme dark');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Type a command').fill('inspect');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Data');
  await page.getByRole('link', { name: 'Settings' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Settings and runtime');
  await expect(page.getByRole('table', { name: 'Runtime' })).toContainText('TensorFlow');
});

test('an Electron without security updates is said to be one, and only such a one', async ({
  studio,
}) => {
  const version = await studio.app.evaluate(() => process.versions['electron'] ?? '');
  await studio.go('/settings');
  await expect(studio.page.getByRole('table', { name: 'Runtime' })).toContainText(version);
  const ended = supportEnded(version);
  const warning = studio.page.locator(`[data-old-electron="${version}"]`);
  await expect(warning).toHaveCount(ended === null ? 0 : 1);
  if (ended !== null) await expect(warning).toContainText('no security updates since');
});

test('settings last', async ({ home }) => {
  let studio = await launchStudio(home);
  await studio.ask('settings.set', { theme: 'dark', smoothing: 0.5 });
  await studio.app.close();
  studio = await launchStudio(home);
  await expect(studio.page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
  expect((await studio.ask('settings.get', {})).smoothing).toBe(0.5);
  await studio.app.close();
});

test('closing the window while a run is in work asks; stopping saves', async ({ home }) => {
  const studio = await launchStudio(home);
  const run = await studio.ask('runs.create', { config: smallRun('Long', 400), start: 'now' });
  await expect
    .poll(async () => (await studio.ask('runs.list', {}))[0]?.step ?? 0, { timeout: 400_000 })
    .toBeGreaterThan(2);
  const asked = await studio.app.evaluate(({ dialog, BrowserWindow }) => {
    const replies = [2, 1];
    const seen: string[] = [];
    dialog.showMessageBox = ((_window: unknown, options: { message: string }) => {
      seen.push(options.message);
      return Promise.resolve({ response: replies.shift() ?? 2, checkboxChecked: false });
    }) as unknown as typeof dialog.showMessageBox;
    BrowserWindow.getAllWindows()[0]?.close();
    return seen;
  });
  expect(asked).toEqual(['A run is in work.']);
  await expect(studio.page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  const ended = studio.app.waitForEvent('close', { timeout: 400_000 });
  await studio.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  await ended;

  const again = await launchStudio(home);
  const stopped = (await again.ask('runs.list', {})).find(({ id }) => id === run.id);
  expect(stopped?.status).toBe('stopped');
  await again.app.close();
});
