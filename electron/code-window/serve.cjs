/**
 * The headless host of code windows: an Electron process that nobody sees, started by `wds` (main.cjs)
 * or by the app (../code-windows.ts). It connects to the socket it is given and does what comes in, one
 * JSON document a line:
 *
 *   {id, do: 'start', program, limits} | {id, do: 'send', line} | {id, do: 'kill'}
 *   answers {id, line} | {id, ended, said} | {ready: true} | {refused: reason}
 *
 * It refuses to work without Chromium's process sandbox. When the socket closes it ends.
 */
const { app, protocol } = require('electron');
const { readFileSync } = require('node:fs');
const { connect } = require('node:net');
const { createInterface } = require('node:readline');
const { makeSnapshot, openWindow, scheme } = require('./windows.cjs');

/** Of the window that starts Python for all others. */
const snapshotLimits = { memoryBytes: 512 * 2 ** 20, outputBytes: 2 ** 20 };

/** Null, or why windows here would not be sandboxed. */
function missingSandbox(pid) {
  if (process.platform !== 'linux') return null;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const filtered = /^Seccomp:\t2$/m.test(status) && /^NoNewPrivs:\t1$/m.test(status);
  return filtered ? null : 'the system call filter of Chromium is not in force';
}

/** Before Electron is ready; `path`: the socket. Never returns to being an app. */
function serveCodeWindows(path) {
  const privileges = { standard: true, secure: true, supportFetchAPI: true };
  protocol.registerSchemesAsPrivileged([{ scheme, privileges }]);
  app.disableHardwareAcceleration();
  // Pyodide has 10 MB of functions, of which a program calls few, and none for long.
  app.commandLine.appendSwitch('js-flags', '--wasm-lazy-compilation --liftoff-only');
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  // Windows come and go; the app stays until its socket closes.
  app.on('window-all-closed', () => undefined);

  const socket = connect(path);
  socket.on('close', () => app.exit(0));
  socket.on('error', () => app.exit(1));
  const tell = (message) => socket.write(`${JSON.stringify(message)}\n`);
  const processes = new Map();

  function start({ id, program, limits }) {
    let checked = false;
    const opened = openWindow({ program, limits }, (message) => {
      // Before the first line, which is ours, nothing foreign has run.
      const problem = checked || !('line' in message) ? null : missingSandbox(opened.pid());
      checked = true;
      if (problem === null) return tell({ id, ...message });
      tell({ refused: problem });
      app.exit(1);
    });
    processes.set(id, opened);
  }

  app.whenReady().then(async () => {
    createInterface({ input: socket }).on('line', (text) => {
      const message = JSON.parse(text);
      if (message.do === 'start') start(message);
      else if (message.do === 'send') processes.get(message.id)?.send(message.line);
      else if (message.do === 'kill') {
        processes.get(message.id)?.kill();
        processes.delete(message.id);
      }
    });
    if (app.commandLine.hasSwitch('no-sandbox')) {
      tell({ refused: 'Chromium runs without its sandbox' });
      return app.exit(1);
    }
    await makeSnapshot(snapshotLimits);
    tell({ ready: true });
  });
}

module.exports = { serveCodeWindows };
