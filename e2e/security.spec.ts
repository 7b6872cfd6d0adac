/** What a page may not do in this shell; each rule with a control that shows the test can see. */
import type { Page } from '@playwright/test';
import { expect, test } from './studio.ts';

/** Runs in the page's own world, as a script of the page: evaluate() would lift the policy. */
async function violationsOf(page: Page, action: string): Promise<string[]> {
  return page.evaluate(async (what) => {
    const seen: string[] = [];
    document.addEventListener('securitypolicyviolation', (event) =>
      seen.push(event.effectiveDirective),
    );
    const element = document.createElement(what === 'image' ? 'img' : 'script');
    if (what === 'inline') element.textContent = 'window.injected = true';
    if (what === 'remote') element.setAttribute('src', 'https://example.com/x.js');
    if (what === 'image') element.setAttribute('src', 'https://example.com/x.png');
    if (what === 'own') element.setAttribute('src', document.scripts[0]?.src ?? '');
    const settled = new Promise((done) => {
      element.addEventListener('load', done);
      element.addEventListener('error', done);
      document.addEventListener('securitypolicyviolation', done);
    });
    document.body.append(element);
    await settled;
    return seen;
  }, action);
}

test('scripts and images from elsewhere are refused, the app’s own load', async ({ studio }) => {
  expect(await violationsOf(studio.page, 'inline')).toContain('script-src-elem');
  expect(await studio.page.evaluate(() => 'injected' in window)).toBe(false);
  expect(await violationsOf(studio.page, 'remote')).toContain('script-src-elem');
  expect(await violationsOf(studio.page, 'image')).toContain('img-src');
  expect(await violationsOf(studio.page, 'own')).toEqual([]);
});

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

test('every window is isolated and has no Node', async ({ studio }) => {
  const preferences = await studio.app.evaluate(({ webContents }) =>
    webContents.getAllWebContents().map((contents) => {
      const of = contents as unknown as { getLastWebPreferences(): Record<string, unknown> };
      const { contextIsolation, nodeIntegration, webSecurity, sandbox, webviewTag } =
        of.getLastWebPreferences();
      return { contextIsolation, nodeIntegration, webSecurity, sandbox, webviewTag };
    }),
  );
  expect(preferences.length).toBeGreaterThan(0);
  for (const each of preferences) {
    expect(each).toEqual({
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      sandbox: true,
      webviewTag: false,
    });
  }
});

test('no navigation, no windows, no guests; moving within the app works', async ({ studio }) => {
  const { page, app } = studio;
  const address = page.url();
  await page.evaluate(() => void (location.href = 'https://example.com/'));
  await page.evaluate(() => {
    const form = document.createElement('form');
    form.action = 'https://example.com/';
    document.body.append(form);
    form.submit();
  });
  for (const url of [
    'https://example.com/',
    'file:///etc/passwd',
    'about:blank',
    'app://studio/',
  ]) {
    await page.evaluate((target) => void window.open(target), url);
  }
  await page.evaluate(() => {
    const guest = document.createElement('webview');
    guest.setAttribute('src', 'app://studio/');
    document.body.append(guest);
  });
  await studio.go('/settings');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Settings and runtime');
  expect(page.url().split('#')[0]).toBe(address.split('#')[0]);
  const count = await app.evaluate(({ webContents }) => webContents.getAllWebContents().length);
  expect(count).toBe(1);
});

test('all permissions are denied', async ({ studio }) => {
  const states = await studio.page.evaluate(async () => {
    const names = [
      'camera',
      'microphone',
      'geolocation',
      'notifications',
      'midi',
      'clipboard-read',
    ];
    return Promise.all(
      names.map(async (name) => {
        const status = await navigator.permissions.query({ name: name as PermissionName });
        return status.state;
      }),
    );
  });
  expect(states.every((state) => state === 'denied')).toBe(true);
});

test('the app’s address reaches nothing outside its folder', async ({ studio }) => {
  const statuses = await studio.page.evaluate(async () => {
    const paths = [
      'index.html',
      '../main/main.cjs',
      '%2e%2e/main/main.cjs',
      '..%2fmain%2fmain.cjs',
      '..%5cmain%5cmain.cjs',
      '/etc/passwd',
    ];
    return Promise.all(paths.map(async (path) => (await fetch(`app://studio/${path}`)).status));
  });
  expect(statuses).toEqual([200, 404, 404, 404, 404, 404]);
  const file = await studio.page.evaluate(() =>
    fetch('file:///etc/passwd').then(
      () => 'read',
      () => 'refused',
    ),
  );
  expect(file).toBe('refused');
});

test('requests are checked: unknown names, wrong inputs, foreign frames', async ({ studio }) => {
  const ask = (name: unknown, input: unknown): Promise<unknown> =>
    studio.page.evaluate(([n, i]) => window.studio.request(n as string, i), [name, input]);
  expect(await ask('runs.list', {})).toMatchObject({ ok: true });
  for (const name of ['nothing', '__proto__', 'constructor', 7, null]) {
    expect(await ask(name, {})).toMatchObject({ ok: false, error: { code: 'usage' } });
  }
  for (const input of [null, 5, 'x', [], { runId: '../..' }, { runId: 'a', more: 1 }]) {
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

test('no frames', async ({ studio }) => {
  const directive = await studio.page.evaluate(async () => {
    const frame = document.createElement('iframe');
    frame.src = 'app://studio/index.html';
    const refused = new Promise<string>((done) =>
      document.addEventListener('securitypolicyviolation', (event) =>
        done(event.effectiveDirective),
      ),
    );
    document.body.append(frame);
    return refused;
  });
  expect(directive).toBe('frame-src');
});
