/** What a page may not do in this shell; each rule with a control that shows the test can see. */
import type { Page } from '@playwright/test';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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

test('text is not evaluated and nothing is fetched from elsewhere', async ({ studio }) => {
  const refused = (action: 'eval' | 'fetch' | 'own'): Promise<string> =>
    studio.page.evaluate(async (what) => {
      const violation = new Promise<string>((done) =>
        document.addEventListener(
          'securitypolicyviolation',
          ({ effectiveDirective }) => done(effectiveDirective),
          { once: true },
        ),
      );
      // In a later turn: what evaluate() itself runs is exempt from the policy.
      // oxlint-disable-next-line no-implied-eval -- that it does nothing is the test
      if (what === 'eval') setTimeout('window.evaluated = true');
      if (what === 'fetch') void fetch('https://example.com/').catch(() => undefined);
      if (what !== 'own') return violation;
      return Promise.race([violation, fetch('index.html').then(() => 'fetched')]);
    }, action);
  expect(await refused('eval')).toMatch(/^script-src/);
  expect(await studio.page.evaluate(() => 'evaluated' in window)).toBe(false);
  expect(await refused('fetch')).toBe('connect-src');
  expect(await refused('own')).toBe('fetched');
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

test('all permissions are denied, when looked at and when asked for', async ({ studio }) => {
  const states = (): Promise<string[]> =>
    studio.page.evaluate(async () => {
      const names = ['camera', 'microphone', 'geolocation', 'notifications', 'midi'];
      return Promise.all(
        [...names, 'clipboard-read'].map(async (name) => {
          const status = await navigator.permissions.query({ name: name as PermissionName });
          return status.state;
        }),
      );
    });
  expect(new Set(await states())).toEqual(new Set(['denied']));
  const asked = await studio.page.evaluate(async () => {
    const failed = (error: unknown): string => (error as Error).name;
    const place = new Promise<string>((done) =>
      navigator.geolocation.getCurrentPosition(
        () => done('granted'),
        ({ code }) => done(`refused ${code}`),
      ),
    );
    const camera = navigator.mediaDevices
      .getUserMedia({ video: true })
      .then(() => 'granted', failed);
    const clipboard = navigator.clipboard.readText().then(() => 'granted', failed);
    const notifications = Notification.requestPermission();
    return Promise.all([place, camera, clipboard, notifications]);
  });
  expect(asked).not.toContain('granted');
  expect(asked[0]).toBe('refused 1');
  await studio.app.evaluate(({ session }) =>
    session.defaultSession.setPermissionCheckHandler(() => true),
  );
  expect(await states()).toContain('granted');
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
      'assets',
    ];
    return Promise.all(paths.map(async (path) => (await fetch(`app://studio/${path}`)).status));
  });
  expect(statuses).toEqual([200, 404, 404, 404, 404, 404, 404]);
  const file = await studio.page.evaluate(() =>
    fetch('file:///etc/passwd').then(
      () => 'read',
      () => 'refused',
    ),
  );
  expect(file).toBe('refused');
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

test('the network hears nothing, whatever a page tries', async ({ studio }) => {
  const { page, app } = studio;
  const heard: string[] = [];
  const server = createServer(({ url }, response) => {
    heard.push(url ?? '');
    response.end('heard');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await page.evaluate(async (to) => {
    for (const tag of ['img', 'script', 'link', 'iframe', 'video', 'embed'] as const) {
      const element = document.createElement(tag);
      if (tag === 'link') element.setAttribute('rel', 'stylesheet');
      element.setAttribute(tag === 'link' ? 'href' : 'src', `${to}/${tag}`);
      document.body.append(element);
    }
    window.open(`${to}/open`);
    navigator.sendBeacon(`${to}/beacon`);
    location.href = `${to}/navigation`;
    await fetch(`${to}/fetch`).catch(() => undefined);
    const socket = new WebSocket(`${to.replace('http', 'ws')}/socket`);
    await new Promise((done) => socket.addEventListener('error', done));
  }, address);
  await studio.go('/settings');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Settings and runtime');
  expect(heard).toEqual([]);
  await app.evaluate(({ BrowserWindow }, to) => {
    const webPreferences = { partition: 'control' };
    return new BrowserWindow({ show: false, webPreferences }).loadURL(`${to}/control`);
  }, address);
  expect(heard).toContain('/control');
  server.close();
});

test('links open nothing outside the app', async ({ studio }) => {
  const { app, page } = studio;
  await app.evaluate(({ shell }) => {
    const opened: string[] = [];
    shell.openExternal = (url) => Promise.resolve(void opened.push(url));
    Object.assign(globalThis, { opened, openedBy: shell });
  });
  await page.evaluate(() => {
    const addresses = ['https://example.com/', 'mailto:a@example.com', 'file:///etc/passwd'];
    for (const address of [...addresses, 'javascript:alert(1)', 'smb://host/share']) {
      const link = document.createElement('a');
      link.href = address;
      link.target = '_blank';
      document.body.append(link);
      link.click();
    }
  });
  await studio.go('/data');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Data');
  const opened = (): Promise<string[]> =>
    app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened);
  expect(await opened()).toEqual([]);
  await app.evaluate(({ shell }) => shell.openExternal('https://control.example/'));
  expect(await opened()).toEqual(['https://control.example/']);
});
