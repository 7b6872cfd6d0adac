/** What a page may not do in this shell; each rule with a control that shows the test can see. */
import type { Page } from '@playwright/test';
import { once } from 'node:events';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, projectFolder, test } from './studio.ts';

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

/** Everything a page can do to leave for another address. */
async function tryToLeave(page: Page): Promise<void> {
  await page.evaluate(() => void (location.href = 'https://example.com/'));
  await page.evaluate(() => {
    const form = document.createElement('form');
    form.action = 'https://example.com/';
    document.body.append(form);
    form.submit();
  });
  await page.evaluate(() => {
    const refresh = document.createElement('meta');
    refresh.httpEquiv = 'refresh';
    refresh.content = '0; url=https://example.com/';
    document.head.append(refresh);
  });
  // A file dropped on a page takes its place, unless that is prevented.
  const devtools = await page.context().newCDPSession(page);
  const files = [process.execPath];
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await devtools.send('Input.dispatchDragEvent', { type, x: 600, y: 400, data });
  }
}

const windowAddresses = [
  'https://example.com/',
  'http://example.com/',
  'file:///etc/passwd',
  'about:blank',
  'app://studio/',
  'data:text/html,text',
  'javascript:1',
  'smb://host/share',
];

test('no navigation, no windows, no guests; moving within the app works', async ({ studio }) => {
  const { page, app } = studio;
  const address = page.url().split('#')[0];
  const open = (): Promise<number> =>
    app.evaluate(({ webContents }) => webContents.getAllWebContents().length);
  await tryToLeave(page);
  for (const url of windowAddresses) {
    await page.evaluate((target) => void window.open(target), url);
  }
  await page.evaluate(() => {
    const guest = document.createElement('webview');
    guest.setAttribute('src', 'app://studio/');
    document.body.append(guest);
  });
  await studio.go('/settings');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Settings and runtime');
  expect(page.url().split('#')[0]).toBe(address);
  expect(await open()).toBe(1);

  // Control: without the shell's two refusals the same page leaves, and opens windows.
  await app.evaluate(({ BrowserWindow }) => {
    const [contents] = BrowserWindow.getAllWindows().map((window) => window.webContents);
    contents?.removeAllListeners('will-navigate');
    contents?.setWindowOpenHandler(() => ({ action: 'allow' }));
  });
  await page.evaluate(() => void window.open('about:blank'));
  await expect.poll(open).toBe(2);
  await page.evaluate(() => void (location.href = 'app://studio/index.html?left'));
  await expect.poll(() => page.url()).toContain('?left');
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
    const midi = navigator.requestMIDIAccess({ sysex: true }).then(() => 'granted', failed);
    // Not in TypeScript's library.
    const devices = navigator as unknown as Record<
      'usb' | 'serial' | 'hid',
      Record<'requestDevice' | 'requestPort', (filters: object) => Promise<unknown>>
    >;
    // None chosen is an error for two of them, an empty list for the third.
    const chosen = (device: unknown): string =>
      Array.isArray(device) && device.length === 0 ? 'none' : 'granted';
    const usb = devices.usb.requestDevice({ filters: [] }).then(chosen, failed);
    const serial = devices.serial.requestPort({}).then(chosen, failed);
    const hid = devices.hid.requestDevice({ filters: [] }).then(chosen, failed);
    return Promise.all([place, camera, clipboard, notifications, midi, usb, serial, hid]);
  });
  expect(asked).not.toContain('granted');
  expect(asked[0]).toBe('refused 1');
  await studio.app.evaluate(({ session }) =>
    session.defaultSession.setPermissionCheckHandler(() => true),
  );
  expect(await states()).toContain('granted');
});

test('the app’s address reaches nothing outside its folder', async ({ studio, home }) => {
  const inside = join(projectFolder, 'out', 'renderer');
  const outside = join(home, 'outside.html');
  writeFileSync(outside, 'outside');
  symlinkSync(outside, join(inside, 'link-out.html'));
  symlinkSync('index.html', join(inside, 'link-in.html'));
  const statuses = await studio.page.evaluate(async () => {
    const paths = [
      'index.html',
      '../main/main.cjs',
      '%2e%2e/main/main.cjs',
      '..%2fmain%2fmain.cjs',
      '..%5cmain%5cmain.cjs',
      '/etc/passwd',
      'assets',
      'link-out.html',
      'link-in.html',
    ];
    return Promise.all(paths.map(async (path) => (await fetch(`app://studio/${path}`)).status));
  });
  for (const name of ['link-out.html', 'link-in.html']) rmSync(join(inside, name));
  expect(statuses).toEqual([200, 404, 404, 404, 404, 404, 404, 404, 200]);
  const file = await studio.page.evaluate(() =>
    fetch('file:///etc/passwd').then(
      () => 'read',
      () => 'refused',
    ),
  );
  expect(file).toBe('refused');
});

test('no frames of other pages, the app’s own included; text in a frame loads', async ({
  studio,
}) => {
  const added = (attribute: 'src' | 'srcdoc', value: string): Promise<string> =>
    studio.page.evaluate(
      ([name, content]) => {
        const frame = document.createElement('iframe');
        frame.setAttribute(name as string, content as string);
        const outcome = new Promise<string>((done) => {
          document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
            done(effectiveDirective),
          );
          if (name === 'srcdoc') frame.addEventListener('load', () => done('loaded'));
        });
        document.body.append(frame);
        return outcome;
      },
      [attribute, value],
    );
  expect(await added('src', 'app://studio/index.html')).toBe('frame-src');
  expect(await added('src', 'https://example.com/')).toBe('frame-src');
  expect(await added('srcdoc', '<p>a report</p>')).toBe('loaded');
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
