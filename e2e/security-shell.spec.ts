/**
 * How the shell is closed: bridge, isolation, sandbox, requests, environment, one instance; each rule
 * with a control that shows the test can see.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requestSchemas } from '../main/contract/requests.ts';
import type { Answer } from '../main/contract/requests.ts';
import { electronArguments, electronFile, expect, launchStudio, smallRun, test } from './studio.ts';

/** Node's own names that scripts of a page can see. */
const nodeNames = `['require', 'process', 'module', 'Buffer', 'global'].filter((name) => name in globalThis)`;

test('pages, frames and workers have no Node, and a page has a bridge of two functions', async ({
  studio,
}) => {
  const { page, app } = studio;
  expect(await page.evaluate(nodeNames)).toEqual([]);
  const framed = await page.evaluate(
    async (names) => {
      const frame = document.createElement('iframe');
      frame.srcdoc = '<p>within</p>';
      const loaded = new Promise((done) => frame.addEventListener('load', done));
      document.body.append(frame);
      await loaded;
      const inside = frame.contentWindow as unknown as Record<string, unknown>;
      return [...names, 'studio'].filter((name) => name in inside);
    },
    ['require', 'process', 'module', 'Buffer', 'global'],
  );
  expect(framed).toEqual([]);
  const worker = await page.evaluate(() => {
    try {
      new Worker(URL.createObjectURL(new Blob(['postMessage(1)'])));
      return 'a worker of a script that is not the app’s';
    } catch (error) {
      return (error as Error).name;
    }
  });
  expect(worker).toBe('SecurityError');
  const bridge = await page.evaluate(() =>
    Object.entries(window.studio).map(([name, value]) => `${name}: ${typeof value}`),
  );
  expect(bridge.sort()).toEqual(['on: function', 'request: function']);

  const control = await app.evaluate(async ({ BrowserWindow }, names) => {
    const webPreferences = { nodeIntegration: true, contextIsolation: false, sandbox: false };
    const window = new BrowserWindow({ show: false, webPreferences });
    await window.loadURL('data:text/html,control');
    const found: unknown = await window.webContents.executeJavaScript(names);
    window.destroy();
    return found;
  }, nodeNames);
  expect(control).toEqual(['require', 'process', 'module', 'Buffer', 'global']);
});

test('listeners get the payload alone, never an event with its sender', async ({
  studio,
  home,
}) => {
  const { page, app } = studio;
  const heard = page.evaluate(
    () =>
      new Promise<string[][]>((done) =>
        window.studio.on('settings', (...all: unknown[]) =>
          done(all.map((each) => Object.keys(each as object))),
        ),
      ),
  );
  await studio.ask('settings.set', { smoothing: 0.25 });
  const [payload, ...others] = await heard;
  expect(payload).toContain('smoothing');
  expect(payload).not.toContain('sender');
  expect(others).toEqual([]);

  // Control: a bridge that hands Electron's own listener through is seen to leak the sender.
  const preload = join(home, 'leaking.cjs');
  writeFileSync(
    preload,
    `const { ipcRenderer } = require('electron');
     window.heard = new Promise((done) =>
       ipcRenderer.on('push:leak', (...all) => done(Object.keys(all[0]))));`,
  );
  const leaked = await app.evaluate(async ({ BrowserWindow }, file) => {
    const webPreferences = { preload: file, contextIsolation: false };
    const window = new BrowserWindow({ show: false, webPreferences });
    await window.loadURL('data:text/html,control');
    window.webContents.send('push:leak', {});
    const found: unknown = await window.webContents.executeJavaScript('window.heard');
    window.destroy();
    return found;
  }, preload);
  expect(leaked).toContain('sender');
});

test('the page cannot reach into the bridge by changing the language’s own objects', async ({
  studio,
}) => {
  const calls = await studio.page.evaluate(async () => {
    const seen = { bridge: 0, page: 0 };
    let asking = true;
    const push = Array.prototype.push;
    const parse = JSON.parse;
    const count = (): void => void (seen[asking ? 'bridge' : 'page'] += 1);
    // oxlint-disable-next-line no-extend-native -- what a hostile page would do
    Array.prototype.push = function (...items: unknown[]) {
      count();
      return Reflect.apply(push, this, items) as number;
    };
    JSON.parse = (...all: Parameters<typeof parse>) => {
      count();
      return parse(...all) as unknown;
    };
    const answer = window.studio.request('settings.get', {});
    asking = false;
    await answer;
    [].push();
    JSON.parse('1');
    Array.prototype.push = push;
    JSON.parse = parse;
    return seen;
  });
  expect(calls.bridge).toBe(0);
  expect(calls.page).toBeGreaterThanOrEqual(2);
});

const safePreferences = {
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  sandbox: true,
  webviewTag: false,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
};

test('every window is isolated and has no Node', async ({ studio }) => {
  const read = (): Promise<Record<string, unknown>[]> =>
    studio.app.evaluate(
      ({ webContents }, names) =>
        webContents.getAllWebContents().map((contents) => {
          const of = contents as unknown as { getLastWebPreferences(): Record<string, unknown> };
          const all = of.getLastWebPreferences();
          return Object.fromEntries(names.map((name) => [name, all[name] ?? false]));
        }),
      Object.keys(safePreferences),
    );
  expect(await read()).toEqual([safePreferences]);
  await studio.app.evaluate(({ BrowserWindow }) => {
    const webPreferences = { nodeIntegration: true, contextIsolation: false, sandbox: false };
    return new BrowserWindow({ show: false, webPreferences }).loadURL('data:text/html,control');
  });
  const withControl = await read();
  expect(withControl).toHaveLength(2);
  expect(withControl).toContainEqual({
    ...safePreferences,
    nodeIntegration: true,
    contextIsolation: false,
    sandbox: false,
  });
});

/** Objects with keys that requests know, values of every kind, and one key that none knows. */
function hostileInputs(count: number): unknown[] {
  let state = 42;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const keys = ['runId', 'config', 'file', 'name', 'model', 'text', 'path', 'bytes', 'start'];
  const leaves = ['', '../../etc/passwd', '\0', 'x'.repeat(10_000), -1, 1e308, null, true, [], {}];
  const value = (depth: number): unknown => {
    const kind = next(depth > 4 ? 1 : 3);
    if (kind === 0) return leaves[next(leaves.length)];
    if (kind === 1) return Array.from({ length: next(4) }, () => value(depth + 1));
    return Object.fromEntries(keys.slice(next(9)).map((key) => [key, value(depth + 1)]));
  };
  return Array.from({ length: count }, () => ({
    ...Object.fromEntries(keys.filter(() => next(2) === 0).map((key) => [key, value(0)])),
    unknown: true,
  }));
}

test('requests are checked: unknown names, wrong inputs, foreign frames', async ({ studio }) => {
  const ask = (name: unknown, input: unknown): Promise<unknown> =>
    studio.page.evaluate(([n, i]) => window.studio.request(n as string, i), [name, input]);
  expect(await ask('runs.list', {})).toMatchObject({ ok: true });
  for (const name of ['nothing', '__proto__', 'constructor', 7, null]) {
    expect(await ask(name, {})).toMatchObject({ ok: false, error: { code: 'usage' } });
  }
  const wrong = [null, 5, 'x', [], { more: 1 }, JSON.parse('{"__proto__": {"a": 1}, "b": 2}')];
  for (const name of Object.keys(requestSchemas)) {
    for (const input of wrong) {
      const answer = await ask(name, input);
      expect(answer, `${name} ${JSON.stringify(input)}`).toMatchObject({
        ok: false,
        error: { code: 'usage' },
      });
    }
  }
  // 200 shapes for each, none of which is an input: a key that no request knows is always among them.
  const refused = await studio.page.evaluate(
    async ([names, inputs]) => {
      const odd: string[] = [];
      for (const name of names as string[]) {
        for (const input of inputs as unknown[]) {
          const answer = (await window.studio.request(name, input)) as Answer<unknown>;
          if (!answer.ok && answer.error.code === 'usage') continue;
          odd.push(`${name} ${JSON.stringify(input)}: ${JSON.stringify(answer)}`);
        }
      }
      return odd;
    },
    [Object.keys(requestSchemas), hostileInputs(200)],
  );
  expect(refused).toEqual([]);
  for (const input of [{ runId: '../..' }, { runId: '.hidden' }, { runId: 'a', more: 1 }]) {
    expect(await ask('run.snapshot', input)).toMatchObject({ ok: false, error: { code: 'usage' } });
  }
});

test('a page that is not the app’s may not ask, even with the bridge', async ({ studio }) => {
  const askFrom = (address: string): Promise<unknown> =>
    studio.app.evaluate(async ({ app, BrowserWindow }, url) => {
      const preload = `${app.getAppPath()}/out/preload/preload.cjs`;
      const other = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
      await other.loadURL(url);
      const script = 'window.studio.request("runs.list", {})';
      const answer: unknown = await other.webContents.executeJavaScript(script);
      other.destroy();
      return answer;
    }, address);
  expect(await askFrom('data:text/html,<p>foreign</p>')).toMatchObject({ ok: false });
  expect(await askFrom('app://studio/')).toMatchObject({ ok: true });
});

test('the engine gets a chosen environment, not the user’s', async ({ home }) => {
  test.skip(process.platform !== 'linux', 'read from /proc');
  process.env['STUDIO_TEST_SECRET'] = 'not for the engine';
  const studio = await launchStudio(home);
  delete process.env['STUDIO_TEST_SECRET'];
  const find = (): Promise<{ engine: number | undefined; browser: number | undefined }> =>
    studio.app.evaluate(({ app }) => {
      const metrics = app.getAppMetrics();
      const engine = metrics.find(({ name, serviceName }) =>
        `${name} ${serviceName}`.includes('engine'),
      );
      return { engine: engine?.pid, browser: metrics.find(({ type }) => type === 'Browser')?.pid };
    });
  await studio.ask('plan', { config: smallRun('Planned') });
  const pids = await find();
  expect(pids.engine).toBeDefined();
  const names = (pid: number | undefined): string[] =>
    readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .map((line) => line.split('=')[0] ?? '');
  expect(names(pids.browser)).toContain('STUDIO_TEST_SECRET');
  expect(names(pids.engine)).not.toContain('STUDIO_TEST_SECRET');
  expect(names(pids.engine)).toContain('PATH');
  await studio.app.close();
});

test('a second start ends at once and leaves the first alone; with other folders it stays', async ({
  studio,
  home,
}) => {
  const start = (folder: string): ReturnType<typeof spawn> =>
    spawn(electronFile(), electronArguments(folder), { stdio: 'ignore' });
  const second = start(home);
  const [code] = (await once(second, 'exit')) as [number | null];
  expect(code).toBe(0);
  const windows = await studio.app.evaluate(
    ({ BrowserWindow }) => BrowserWindow.getAllWindows().length,
  );
  expect(windows).toBe(1);
  expect(await studio.ask('runs.list', {})).toEqual([]);

  const other = await launchStudio(join(home, 'other'));
  expect(await other.ask('runs.list', {})).toEqual([]);
  await other.app.close();
});
