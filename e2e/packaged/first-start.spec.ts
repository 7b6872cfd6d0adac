/**
 * The packaged app on a machine that has nothing of it yet: an empty home, no TensorFlow. Its fuses
 * forbid the debugger that Playwright starts unpacked apps with, so it is driven through Chromium's own
 * port. Fetches TensorFlow's library for real.
 */
import { chromium, expect, test } from '@playwright/test';
import type { Browser, Page } from '@playwright/test';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootArguments } from '../../electron/runtime.mjs';
import { readFuses } from '../../electron/fuses.mjs';
import { findElectron } from '../../resources/setup/electron.mjs';

const folder = join(import.meta.dirname, '..', '..', 'dist', 'linux-unpacked');
const executable = join(folder, 'weak-driven-studio');
const home = mkdtempSync(join(tmpdir(), 'studio-packaged-'));
let child: ChildProcess;
let browser: Browser;

/** Starts the app in `home` and resolves when Chromium says where it listens. */
async function start(): Promise<Page> {
  // A way out to the package index and to the display; nothing of what this user has.
  const passed = Object.entries(process.env).filter(([name]) =>
    /^(PATH|DISPLAY|XAUTHORITY|PIP_.*|https?_proxy)$/i.test(name),
  );
  child = spawn(executable, [...rootArguments, '--remote-debugging-port=0'], {
    env: { ...Object.fromEntries(passed), HOME: home },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const address = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const found = /DevTools listening on (ws:\S+)/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`The app ended with ${code}: ${text}`)));
  });
  browser = await chromium.connectOverCDP(address, { noDefaults: true });
  const [context] = browser.contexts();
  const page = context?.pages()[0] ?? (await context?.waitForEvent('page'));
  if (page === undefined) throw new Error('The app has no window.');
  return page;
}

/** As a power cut would: told to close while it trains, it would ask first. */
async function kill(): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  await browser.close();
}

test.afterAll(() => rmSync(home, { recursive: true, force: true }));

test('fuses, and nothing but the archive to load the app from', () => {
  expect(readFuses(executable)).toMatchObject({
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    onlyLoadAppFromAsar: true,
  });
  expect(readdirSync(join(folder, 'resources')).sort()).toEqual([
    'app.asar',
    'app.asar.unpacked',
    'resources',
  ]);
});

test('ELECTRON_RUN_AS_NODE makes no Node of it, as it does of an unpackaged Electron', async () => {
  const marker = join(home, 'ran');
  const script = join(home, 'script.cjs');
  writeFileSync(script, `require('node:fs').writeFileSync(${JSON.stringify(marker)}, '')`);
  const leavesMarker = async (program: string): Promise<boolean> => {
    rmSync(marker, { force: true });
    // Without a display an app ends by itself.
    const env = { HOME: home, PATH: process.env['PATH'], ELECTRON_RUN_AS_NODE: '1' };
    const started = spawn(program, [script, ...rootArguments], { env, stdio: 'ignore' });
    await new Promise((resolve) => started.once('exit', resolve));
    return existsSync(marker);
  };
  expect(await leavesMarker(findElectron()?.executable ?? '')).toBe(true);
  expect(await leavesMarker(executable)).toBe(false);
});

test('first start: sets TensorFlow up, then runs the demo', async () => {
  const page = await start();
  await expect(page.getByRole('button', { name: 'Set up TensorFlow' })).toBeVisible();
  await page.screenshot({ path: test.info().outputPath('first-start.png') });
  await page.getByRole('button', { name: 'Set up TensorFlow' }).click();
  const bar = page.getByRole('progressbar');
  await expect(bar).toHaveAttribute('aria-valuenow', /^[1-9][0-9]?$/, { timeout: 300_000 });
  await page.screenshot({ path: test.info().outputPath('setting-up.png') });
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible({ timeout: 900_000 });
  await expect(page.getByRole('navigation', { name: 'Main' })).toContainText('TensorFlow 2');

  await page.getByRole('button', { name: 'Try the whole method' }).click();
  await expect(page.getByRole('list', { name: 'Stages' })).toBeVisible();
  await expect(page.locator('[data-stage="sft"][data-status="running"]')).toBeVisible({
    timeout: 600_000,
  });
  await expect(page.getByRole('region', { name: 'Loss' }).locator('[data-points]')).toBeVisible({
    timeout: 200_000,
  });
  await page.screenshot({ path: test.info().outputPath('running.png') });
  await kill();
});

test('second start: the app at once, with the run that was cut off', async () => {
  const page = await start();
  await expect(page.getByRole('navigation', { name: 'Main' })).toContainText('TensorFlow 2');
  await expect(page.getByRole('button', { name: 'Set up TensorFlow' })).toHaveCount(0);
  await expect(page.locator('[data-status="interrupted"]').first()).toBeVisible();
  await kill();
});
