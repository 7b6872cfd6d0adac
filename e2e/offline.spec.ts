/**
 * A whole journey asks for nothing but the app's own files: every request of every session is
 * recorded in the main process, allowed or cancelled. The control shows that a foreign one is both.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from './run-states.ts';
import { expect, smallRun, test, trainingData } from './studio.ts';
import type { Studio } from './studio.ts';

interface Asked {
  url: string;
  /** What Chromium says of a request that failed; empty when it was answered. */
  error: string;
}

/** Beside the shell's own listener, which decides: a session has one for each kind of event. */
async function recordRequests({ app }: Studio): Promise<void> {
  await app.evaluate(({ app: shell, session }) => {
    const asked: Asked[] = [];
    const record = (of: Electron.Session): void => {
      of.webRequest.onCompleted(({ url }) => void asked.push({ url, error: '' }));
      of.webRequest.onErrorOccurred(({ url, error }) => void asked.push({ url, error }));
    };
    record(session.defaultSession);
    shell.on('session-created', record);
    Object.assign(globalThis, { asked });
  });
}

const recorded = ({ app }: Studio): Promise<Asked[]> =>
  app.evaluate(() => (globalThis as unknown as { asked: Asked[] }).asked);

const foreign = (all: Asked[]): Asked[] => all.filter(({ url }) => !/^(app|data|blob):/.test(url));

test('from start to report: the app’s own files and nothing else', async ({ studio, home }) => {
  const { page, ask } = studio;
  await recordRequests(studio);
  await page.reload();
  await expect(page.getByRole('button', { name: 'Try the whole method' })).toBeVisible();
  const config = {
    ...smallRun('Offline', 6),
    evaluation: { heldOut: trainingData, limit: 4, maxNewTokens: 4 },
  };
  const run = await ask('runs.create', { config, start: 'now' });
  await studio.go(`/runs/${run.id}`);
  await waitFor(studio, run.id, 'finished');
  for (const tab of await page.getByRole('tab').all()) {
    await tab.click();
    await expect(tab).toHaveAttribute('aria-selected', 'true');
  }
  const links = page.getByRole('navigation', { name: 'Main' }).getByRole('link');
  for (const link of await links.all()) {
    await link.click();
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  }
  await studio.go(`/new/${run.id}`);
  await expect(page.getByLabel('Configuration')).toBeVisible();
  for (const step of await page
    .getByRole('navigation', { name: 'Steps' })
    .locator('button')
    .all()) {
    await step.click();
    await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
  }
  await studio.go(`/compare/${run.id},${run.id}`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await studio.go(`/reports/${run.id}`);
  await expect(page.frameLocator('iframe').getByRole('heading', { level: 1 })).toHaveText(
    'Offline',
  );
  const file = join(home, 'report.html');
  await ask('report.export', { runId: run.id, format: 'html', file });
  expect(existsSync(file)).toBe(true);

  const all = await recorded(studio);
  expect(all.some(({ url }) => url.startsWith('app://studio/'))).toBe(true);
  expect(foreign(all)).toEqual([]);
});

test('a foreign request is recorded, and cancelled before the network hears of it', async ({
  studio,
}) => {
  let heard = 0;
  const server = createServer((_request, response) => {
    heard += 1;
    response.end('heard');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await recordRequests(studio);
  const load = (partition: string): Promise<void> =>
    studio.app.evaluate(
      ({ BrowserWindow }, [url, of]) => {
        const webPreferences = of === '' ? {} : { partition: of as string };
        const window = new BrowserWindow({ show: false, webPreferences });
        return window.loadURL(url as string).catch(() => undefined);
      },
      [address, partition],
    );
  await load('');
  expect(foreign(await recorded(studio))).toEqual([
    { url: address, error: 'net::ERR_BLOCKED_BY_CLIENT' },
  ]);
  expect(heard).toBe(0);
  // In a session that the shell does not guard, the same request gets through, and is recorded too.
  await load('unguarded');
  expect(foreign(await recorded(studio))).toContainEqual({ url: address, error: '' });
  expect(heard).toBeGreaterThan(0);
  server.close();
});
