/**
 * The built app, started for one test with empty folders of its own. Tests see what users see; only
 * `ask` goes past the screen, to check what is on it against what the shell says.
 */
import { _electron, test as base } from '@playwright/test';
import type { ElectronApplication, Page } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  Answer,
  RequestInput,
  RequestName,
  RequestOutput,
} from '../main/contract/requests.ts';
import { findElectron } from '../resources/setup/electron.mjs';
import { rootArguments } from '../electron/runtime.mjs';

export const projectFolder = join(import.meta.dirname, '..');
export const baseModel = join(projectFolder, 'main', 'fixtures', 'models', 'base');
/** The same architecture and tokenizer, trained further. */
export const trainedModel = join(projectFolder, 'main', 'fixtures', 'models', 'strong');
export const trainingData = join(projectFolder, 'main', 'fixtures', 'data', 'train.jsonl');

export interface Studio {
  app: ElectronApplication;
  page: Page;
  /** Folders that survive a restart: user data and runs. */
  home: string;
  ask<N extends RequestName>(name: N, input: RequestInput<N>): Promise<RequestOutput<N>>;
  go(path: string): Promise<void>;
}

export function electronFile(): string {
  const electron = findElectron();
  if (electron === null) throw new Error('There is no Electron runtime: run npm start once.');
  return electron.executable;
}

export function electronArguments(home: string): string[] {
  return [...rootArguments, `--user-data-dir=${join(home, 'user')}`, projectFolder];
}

export interface Launch {
  executable?: string;
  args?: string[];
  /** Playwright adds --no-sandbox where this is false. Chromium has no sandbox for root. */
  sandboxed?: boolean;
}

export async function launchStudio(home: string, launch: Launch = {}): Promise<Studio> {
  const app = await _electron.launch({
    executablePath: launch.executable ?? electronFile(),
    args: launch.args ?? electronArguments(home),
    chromiumSandbox: launch.sandboxed ?? rootArguments.length === 0,
    env: { ...(process.env as Record<string, string>), WDS_HOME: join(home, 'data') },
  });
  const page = await app.firstWindow();
  page.setDefaultTimeout(120_000);
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  return {
    app,
    page,
    home,
    async ask(name, input) {
      const answer = (await page.evaluate(
        ([asked, value]) => window.studio.request(asked as string, value),
        [name, input] as const,
      )) as Answer<never>;
      if (!answer.ok) throw new Error(`${name}: ${answer.error.message}`);
      return answer.value;
    },
    async go(path) {
      await page.evaluate((to) => void (location.hash = `#${to}`), path);
    },
  };
}

/** Ends the app whatever it is doing; `app.close()` asks, as for a user, when a run is in work. */
export async function leave({ app }: Studio): Promise<void> {
  const ended = app.waitForEvent('close');
  await app.evaluate(({ app: shell }) => setImmediate(() => shell.exit(0)));
  await ended;
}

declare global {
  interface Window {
    studio: {
      request(name: string, input: unknown): Promise<unknown>;
      on(name: string, listener: (payload: unknown) => void): () => void;
    };
  }
}

export const test = base.extend<{ home: string; studio: Studio }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the fixtures' names from here
  home: async ({}, use) => {
    const home = mkdtempSync(join(tmpdir(), 'studio-'));
    await use(home);
    rmSync(home, { recursive: true, force: true });
  },
  studio: async ({ home }, use) => {
    const studio = await launchStudio(home);
    await use(studio);
    await leave(studio);
  },
});

/** A config that trains for a few seconds. */
export function smallRun(name: string, steps = 12): Record<string, unknown> {
  return {
    name,
    model: baseModel,
    data: { file: trainingData, limit: 16 },
    sft: { steps },
    joint: { steps },
    baseline: false,
    batch: { micro: 2, accumulation: 1, maxLength: 64, packing: false },
    optimizer: { learningRate: 1e-3 },
    checkpoints: { everySteps: 5, keep: 2 },
  };
}

export { expect } from '@playwright/test';
