/**
 * The app as the headless host of windows that run model-written programs (code-window/serve.cjs), where
 * there is no bubblewrap: a process of its own, with a profile of its own, started by the engine with the
 * command that is made here. It shows nothing, and ends with the engine.
 */
import { app } from 'electron';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const name = 'code-windows';

/** The socket, where this process was started for that; '' in the app itself. */
export function codeWindowsSocket(): string {
  return app.commandLine.getSwitchValue(name);
}

/** Not bundled: its page, preload script and WebAssembly are files beside it. */
export function serveCodeWindows(socket: string): void {
  const folder = join(app.getAppPath(), 'electron', 'code-window');
  const { serveCodeWindows: serve } = createRequire(__filename)(join(folder, 'serve.cjs')) as {
    serveCodeWindows(path: string): void;
  };
  serve(socket);
}

/** What starts such a process; the socket is appended. */
export function codeWindowsCommand(): string[] {
  return [
    process.execPath,
    ...(app.isPackaged ? [] : [app.getAppPath()]),
    ...(app.commandLine.hasSwitch('no-sandbox') ? ['--no-sandbox'] : []),
    `--${name}=`,
  ];
}
