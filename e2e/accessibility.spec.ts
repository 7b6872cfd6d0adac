/** axe finds nothing serious or critical on any page, in either theme. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { waitFor } from './run-states.ts';
import { expect, smallRun, test, trainingData } from './studio.ts';

async function graveViolations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}

const runTabs = [
  'overview',
  'charts',
  'curriculum',
  'samples',
  'answers',
  'checkpoints',
  'log',
  'config',
];
const wizardSteps = [
  'Start from',
  'Model',
  'Data',
  'Weak agent',
  'Curriculum',
  'Mixing',
  'Optimisation',
  'Review',
];

for (const theme of ['light', 'dark'] as const) {
  test(`pages in ${theme}`, async ({ studio }) => {
    const { page, ask } = studio;
    const check = async (where: string): Promise<void> => {
      const busy = page.locator('[aria-busy="true"], .mantine-Skeleton-root');
      await expect(busy).toHaveCount(0, { timeout: 120_000 });
      expect.soft(await graveViolations(page), where).toEqual([]);
    };
    await ask('settings.set', { theme });
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme);
    await expect(page.getByRole('button', { name: 'Try the whole method' })).toBeVisible();
    await check('first start');
    const config = {
      ...smallRun('Accessible', 4),
      evaluation: { heldOut: trainingData, limit: 4, maxNewTokens: 4 },
    };
    const run = await ask('runs.create', { config, start: 'now' });
    await waitFor(studio, run.id, 'finished');
    const links = page.getByRole('navigation', { name: 'Main' }).getByRole('link');
    const addresses = await links.evaluateAll((all) =>
      all.map((link) => (link.getAttribute('href') ?? '').replace('#', '')),
    );
    expect(addresses).toEqual(expect.arrayContaining(['/runs', '/compare', '/settings']));
    for (const address of [
      ...addresses,
      ...runTabs.map((tab) => `/runs/${run.id}/${tab}`),
      `/compare/${run.id},${run.id}`,
      `/reports/${run.id}`,
    ]) {
      await studio.go(address);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await check(address);
    }
    await studio.go(`/new/${run.id}`);
    await expect(page.getByLabel('Configuration')).toBeVisible();
    for (const step of wizardSteps) {
      await page.getByRole('button', { name: step, exact: true }).click();
      await expect(page.getByRole('heading', { name: step })).toBeVisible();
      await check(`new run: ${step}`);
    }
    await page.keyboard.press('Control+k');
    await expect(page.getByPlaceholder('Type a command')).toBeVisible();
    await check('palette');
  });
}

test('the check sees a button without a name and text without contrast', async ({ studio }) => {
  const { page } = studio;
  expect(await graveViolations(page)).toEqual([]);
  await page.evaluate(() => {
    const paragraph = document.createElement('p');
    paragraph.textContent = 'hardly to be read';
    paragraph.style.color = '#777';
    paragraph.style.background = '#888';
    document.querySelector('main')?.append(document.createElement('button'), paragraph);
  });
  const found = (await graveViolations(page)).join('\n');
  expect(found).toContain('button-name');
  expect(found).toContain('color-contrast');
});
