/**
 * Prints HTML as PDF without the app: plain Node, so that `wds` can start it. Chromium wants a display
 * even for a window that is never shown; on a server without one, xvfb-run lends it.
 *
 *   node electron/pdf-printer/start.mjs report.html report.pdf
 *
 * What went wrong is the one line of standard error that begins with "pdf: ".
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { presentElectron, rootArguments } from '../runtime.mjs';

const patience = 180_000;

function hasDisplay() {
  return process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
}

function isProgram(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function refuse(message) {
  process.stderr.write(`pdf: ${message}\n`);
  process.exit(1);
}

const files = process.argv.slice(2);
const electron = presentElectron();
if (electron === null) refuse('Electron, which prints it, is not fetched yet. Run npm start once.');
if (!hasDisplay() && !isProgram('xvfb-run')) {
  refuse('There is no display, and no xvfb-run that could lend one. Install the package xvfb.');
}
const profile = mkdtempSync(join(tmpdir(), 'wds-print-'));
const command = [
  ...(hasDisplay() ? [] : ['xvfb-run', '-a']),
  electron.executable,
  ...rootArguments,
  `--user-data-dir=${profile}`,
  import.meta.dirname,
  ...files,
];
const { status, signal, error, stderr } = spawnSync(command[0], command.slice(1), {
  stdio: ['ignore', 'ignore', 'pipe'],
  encoding: 'utf8',
  timeout: patience,
});
rmSync(profile, { recursive: true, force: true });
if (status !== 0) {
  const last = stderr?.trim().split('\n').at(-1) ?? '';
  refuse(`Electron failed (${error?.message ?? signal ?? `exit code ${status}`}). ${last}`.trim());
}
