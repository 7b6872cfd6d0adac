/** axe finds nothing serious or critical on any page, in either theme; and pages look right. */
import AxeBuilder from '@axe-core/playwright';
import { expect, smallRun, test } from './studio.ts';

for (const theme of ['light', 'dark'] as const) {
  test(`pages in ${theme}`, async ({ studio }) => {
    const { page, ask } = studio;
    await ask('settings.set', { theme });
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme);
    const run = await ask('runs.create', { config: smallRun('Accessible', 4), start: 'now' });
    await expect
      .poll(async () => (await ask('runs.list', {}))[0]?.status, { timeout: 400_000 })
      .toBe('finished');
    const pages = [
      '/runs',
      '/new',
      ...['overview', 'charts', 'curriculum', 'samples', 'checkpoints', 'log', 'config'].map(
        (tab) => `/runs/${run.id}/${tab}`,
      ),
      `/compare/${run.id},${run.id}`,
      '/data',
      '/generate',
      '/settings',
    ];
    for (const address of pages) {
      await studio.go(address);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.locator('[aria-busy="true"], .mantine-Skeleton-root')).toHaveCount(0);
      const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
      const grave = violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
        );
      expect(grave, address).toEqual([]);
    }
  });
}
