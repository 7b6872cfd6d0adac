/**
 * Hidden windows, one for each program: Chromium's own process sandbox, no Node, a session in memory
 * whose only addresses are Pyodide's files, no permissions, no navigation, no further windows. Lines
 * go in and come out; a window that outgrows its limits is ended from here.
 */
const { app, BrowserWindow, ipcMain, session } = require('electron');
const { readFileSync } = require('node:fs');
const { basename, dirname, extname, join } = require('node:path');
const { limitMemory } = require('./memory-limit.cjs');

const origin = 'code://window';
const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'none'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const types = {
  '.html': 'text/html',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  '.zip': 'application/zip',
};
/** Chromium and Pyodide themselves, before any program. */
const ownBytes = 700 * 2 ** 20;
const pyodide = dirname(require.resolve('pyodide/package.json'));
/** The memory of a started interpreter, from the first window of this process; see makeSnapshot. */
let snapshot = null;
const served = {
  'index.html': () =>
    '<!doctype html><meta charset="utf-8"><script type="module" src="page.mjs"></script>',
  'page.mjs': () => readFileSync(join(__dirname, 'page.mjs')),
  'pyodide.mjs': pyodideFile,
  'pyodide.asm.mjs': pyodideFile,
  'pyodide-lock.json': pyodideFile,
  'python_stdlib.zip': pyodideFile,
  'snapshot.bin': () => snapshot,
  'pyodide.asm.wasm': (name, limits) => limitMemory(pyodideFile(name), limits.memoryBytes),
};

function pyodideFile(name) {
  return readFileSync(join(pyodide, name));
}

/** A session for each limit on memory: the limit is in the file it serves. */
function sessionFor(limits) {
  const partition = `code-${limits.memoryBytes}`;
  const own = session.fromPartition(partition);
  if (own.protocol.isProtocolRegistered?.('code')) return own;
  const answer = ({ url, method }) => {
    const name = basename(new URL(url).pathname);
    const asked = method === 'GET' && url === `${origin}/${name}` && Object.hasOwn(served, name);
    const found = asked ? served[name](name, limits) : null;
    const known = found !== null;
    const body = known ? found : 'Not found';
    const headers = { 'content-type': types[extname(name)] ?? 'text/plain' };
    headers['content-security-policy'] = policy;
    return { status: known ? 200 : 404, headers, body: Buffer.from(body) };
  };
  if ('handle' in own.protocol && !own.protocol.isProtocolHandled('code')) {
    own.protocol.handle('code', (request) => {
      const { status, headers, body } = answer(request);
      return new Response(body, { status, headers });
    });
  } else if (!('handle' in own.protocol)) {
    own.protocol.registerBufferProtocol('code', (request, done) => {
      const { status, headers, body } = answer(request);
      done({ statusCode: status, headers, data: body, mimeType: headers['content-type'] });
    });
  }
  own.setPermissionRequestHandler((_contents, _permission, grant) => grant(false));
  own.setPermissionCheckHandler(() => false);
  own.webRequest.onBeforeRequest(({ url }, done) =>
    done({ cancel: !url.startsWith(`${origin}/`) }),
  );
  return own;
}

const windows = new Map();

/**
 * Starting Python takes two seconds of processor time, loading its memory as it then is a third of one.
 * The window that makes it runs no program, and no window that runs one can put another in its place.
 * Where it fails, windows start Python themselves.
 */
function makeSnapshot(limits) {
  return new Promise((done) => {
    openWindow({ program: '', limits, onSnapshot: (bytes) => (snapshot = bytes) }, (message) => {
      if ('ended' in message) done();
    });
  });
}

/**
 * @param {{ program: string, limits: Record<string, number>, onSnapshot?: (bytes: Buffer) => void }} task
 * @param {(message: { line: string } | { ended: object, said: string }) => void} tell
 */
function openWindow({ program, limits, onSnapshot }, tell) {
  const window = new BrowserWindow({
    show: false,
    webPreferences: {
      session: sessionFor(limits),
      preload: join(__dirname, 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      backgroundThrottling: false,
    },
  });
  const contents = window.webContents;
  const lines = [];
  let asked = null;
  let said = '';
  let answered = 0;
  let ended = false;

  const end = (ending) => {
    if (ended) return;
    ended = true;
    clearInterval(watch);
    windows.delete(contents.id);
    if (!contents.isDestroyed()) contents.forcefullyCrashRenderer();
    if (!window.isDestroyed()) window.destroy();
    tell({ ended: ending, said });
  };
  const watch = setInterval(() => {
    if (contents.isDestroyed()) return;
    const pid = contents.getOSProcessId();
    const use = app.getAppMetrics().find((process) => process.pid === pid)?.memory.workingSetSize;
    if (use * 1024 > limits.memoryBytes + ownBytes) end({ kind: 'memory-limit' });
  }, 200);
  const deliver = () => {
    if (asked === null || lines.length === 0) return;
    asked.returnValue = lines.shift();
    asked = null;
  };
  windows.set(contents.id, (event, kind, text) => {
    if (kind === 'receive') {
      asked = event;
      return deliver();
    }
    event.returnValue = { limits: JSON.stringify(limits), program }[kind] ?? '';
    if (kind === 'said') said = text;
    if (kind === 'snapshot' && onSnapshot) {
      onSnapshot(Buffer.from(text, 'latin1'));
      end({ kind: 'exited', code: 0 });
    }
    if (kind === 'ended') end(parseEnding(text));
    if (kind === 'too-long') end({ kind: 'output-limit' });
    if (kind !== 'send') return;
    answered += text.length;
    if (answered > limits.outputBytes) end({ kind: 'output-limit' });
    else tell({ line: text });
  });
  contents.on('render-process-gone', (_event, { reason }) => {
    end(reason === 'oom' ? { kind: 'memory-limit' } : { kind: 'signal', name: reason });
  });
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  for (const name of [
    'will-navigate',
    'will-frame-navigate',
    'will-redirect',
    'will-attach-webview',
  ]) {
    contents.on(name, (event) => event.preventDefault());
  }
  window.loadURL(`${origin}/index.html`).catch((error) => {
    said = error.message;
    end({ kind: 'exited', code: 1 });
  });
  return {
    /** Chromium's sandbox around this window's process, as the system sees it. */
    pid: () => contents.getOSProcessId(),
    send(line) {
      if (ended) return;
      answered = 0;
      lines.push(line);
      deliver();
    },
    kill: () => end({ kind: 'killed' }),
  };
}

/** What the page says of its end is a name, and may be anything. */
function parseEnding(text) {
  try {
    const { kind, code, name } = JSON.parse(text);
    if (kind === 'output-limit') return { kind };
    if (kind === 'signal') return { kind, name: String(name).slice(0, 80) };
    return { kind: 'exited', code: Number(code) };
  } catch {
    return { kind: 'exited', code: 1 };
  }
}

ipcMain.on('exchange', (event, kind, text) => {
  const window = windows.get(event.sender.id);
  if (window === undefined) event.returnValue = '';
  else window(event, kind, text);
});

module.exports = { makeSnapshot, openWindow, scheme: 'code' };
