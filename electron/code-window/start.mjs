/**
 * Starts the headless host of code windows (main.cjs) with the Electron that is there: plain Node, so
 * that `wds` can do it. Chromium wants a display even for windows that are never shown; on a server
 * without one, xvfb-run lends it.
 *
 *   node electron/code-window/start.mjs SOCKET
 *
 * Why it cannot is the one line of standard error that begins with "window: ".
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../resources/setup/processes.mjs';
import { presentElectron } from '../runtime.mjs';

function refuse(message) {
  process.stderr.write(`window: ${message}\n`);
  process.exit(1);
}

if (process.getuid?.() === 0) refuse('Chromium’s sandbox does not run as root');
const electron = presentElectron();
if (electron === null) refuse('Electron is not fetched yet; npm start does it');
const { DISPLAY, WAYLAND_DISPLAY } = process.env;
const display = process.platform !== 'linux' || DISPLAY || WAYLAND_DISPLAY;
if (!display && !findProgram('xvfb-run')) refuse('there is no display and no xvfb-run');

const profile = mkdtempSync(join(tmpdir(), 'wds-code-'));
const command = [
  ...(display ? [] : ['xvfb-run', '-a']),
  electron.executable,
  `--user-data-dir=${profile}`,
  import.meta.dirname,
  process.argv[2],
];
const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'ignore', 'ignore'] });
child.on('error', (error) => refuse(error.message));
child.on('exit', (code, signal) => {
  rmSync(profile, { recursive: true, force: true });
  if (code !== 0) refuse(`Electron ended (${signal ?? code})`);
});
