/** The wizard's unfinished draft outlives a look at another page, a crash of the page and a restart. */
import { expect, launchStudio, test, trainingData } from './studio.ts';
import type { Studio } from './studio.ts';

const model = '/models/not-there-yet';

async function fillIn({ page }: Studio): Promise<void> {
  await page.getByRole('link', { name: 'New run' }).click();
  await page.getByRole('button', { name: 'Use: Own model and data' }).click();
  await page.getByRole('combobox', { name: 'Model folder' }).fill(model);
  await page.getByRole('button', { name: 'Next: Data' }).click();
  await page.getByRole('combobox', { name: 'Training data' }).fill(trainingData);
}

async function expectFilledIn({ page }: Studio): Promise<void> {
  await expect(page.getByRole('combobox', { name: 'Training data' })).toHaveValue(trainingData);
  await page.getByRole('button', { name: 'Model', exact: true }).click();
  await expect(page.getByRole('combobox', { name: 'Model folder' })).toHaveValue(model);
}

test('kept over another page and a restart; gone when discarded', async ({ home }) => {
  let studio = await launchStudio(home);
  await fillIn(studio);
  await studio.page.getByRole('link', { name: 'Settings' }).click();
  await studio.page.getByRole('link', { name: 'New run' }).click();
  await expectFilledIn(studio);
  await studio.page.getByRole('button', { name: 'Data', exact: true }).click();
  await studio.app.close();

  studio = await launchStudio(home);
  await studio.page.getByRole('link', { name: 'New run' }).click();
  await expectFilledIn(studio);
  await studio.page.getByRole('button', { name: 'Discard draft' }).click();
  await studio.page.getByRole('link', { name: 'Runs', exact: true }).click();
  await studio.page.getByRole('link', { name: 'New run' }).click();
  await studio.page.getByRole('button', { name: 'Use: Own model and data' }).click();
  await expect(studio.page.getByRole('combobox', { name: 'Model folder' })).toHaveValue('');
  await studio.app.close();
});

test('the page killed with -9: the draft is there again', async ({ studio }) => {
  await fillIn(studio);
  // Playwright's own page goes with the process: from here on the window is asked through the shell.
  const pid = await studio.app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]!.webContents;
    contents.once('did-finish-load', () => Object.assign(globalThis, { loadedAgain: true }));
    return contents.getOSProcessId();
  });
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => studio.app.evaluate(() => 'loadedAgain' in globalThis)).toBe(true);
  const fields = (): Promise<string[]> =>
    studio.app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]!.webContents;
      const script = "[...document.querySelectorAll('input')].map((field) => field.value)";
      return contents.executeJavaScript(script) as Promise<string[]>;
    });
  await expect.poll(fields).toContain(trainingData);
});
