/**
 * How the shell is closed: bridge, isolation, sandbox, requests, environment, one instance; each rule
 * with a control that shows the test can see.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requestSchemas } from '../main/contract/requests.ts';
import { electronArguments, electronFile, expect, launchStudio, smallRun, test } from './studio.ts';

test('the page has no Node and a bridge of two functions', async ({ studio }) => {
  const globals = await studio.page.evaluate(() =>
    ['require', 'process', 'module', 'Buffer', 'global'].filter((name) => name in window),
  );
  expect(globals).toEqual([]);
  const bridge = await studio.page.evaluate(() =>
    Object.entries(window.studio).map(([name, value]) => `${name}: ${typeof value}`),
  );
  expect(bridge.sort()).toEqual(['on: function', 'request: function']);
});

test('listeners get the payload alone, never an event with its sender', async ({ studio }) => {
  const heard = studio.page.evaluate(
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

test('renderers run in the operating system’s sandbox', async ({ studio }) => {
  test.skip(process.platform !== 'linux', 'read from /proc');
  const pids = await studio.app.evaluate(({ app }) => {
    const metrics = app.getAppMetrics();
    const of = (kind: string): number[] =>
      metrics.filter(({ type }) => type === kind).map(({ pid }) => pid);
    return { pages: of('Tab'), browser: of('Browser') };
  });
  const seccomp = (pid: number): string | undefined =>
    /^Seccomp:\s+(\d)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  expect(pids.pages.length).toBeGreaterThan(0);
  // Control: the browser process itself has no filter.
  expect(seccomp(pids.browser[0]!)).toBe('0');
  // Chromium refuses to sandbox as root; a user gets it, or the app does not start.
  test.skip(process.getuid?.() === 0, 'root: Chromium’s sandbox is off');
  for (const pid of pids.pages) expect(seccomp(pid)).toBe('2');
});

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
