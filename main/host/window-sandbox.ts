/**
 * The sandbox where there is no bubblewrap: Pyodide (CPython as WebAssembly) in hidden windows of
 * Electron, whose renderer processes the operating system confines (electron/code-window). In Node
 * itself Pyodide would be no boundary at all. The windows belong to a process of their own, which
 * close() ends. Each program gets a new window, which loads
 * the memory of an interpreter that is started once. Its time limit is the wall's alone.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from '../../resources/setup/paths.mjs';
import { StudioError } from '../contract/errors.ts';
import type { SandboxSource } from '../engine/eval/sandbox/find-sandbox.ts';
import type { Ending, Sandbox, SandboxedProcess } from '../engine/eval/sandbox/sandbox.ts';

export interface WindowSandbox extends Sandbox {
  /** Ends the process and all windows. */
  close(): void;
}

type Answer =
  | { ready: true }
  | { refused: string }
  | { id: number; line: string }
  | { id: number; ended: Ending; said: string };

const starter = join(projectRoot, 'electron', 'code-window', 'start.mjs');
/** In the app's engine: the command that starts the app as the windows' process, as a JSON list. */
export const codeWindowsVariable = 'WDS_CODE_WINDOWS';
const startSeconds = 120;

/** A window sandbox that is opened when it is asked for, and closed if it was. */
export function windowSandboxes(): { open: SandboxSource; close(): void } {
  let opened: WindowSandbox | null = null;
  return {
    async open() {
      const found = opened ?? (await openWindowSandbox());
      if (!('refused' in found)) opened = found;
      return found;
    },
    close: () => opened?.close(),
  };
}

/** Starts the windows' process; the reason instead where this machine cannot run it. */
export async function openWindowSandbox(): Promise<WindowSandbox | { refused: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'wds-window-'));
  const address =
    process.platform === 'win32'
      ? `\\\\.\\pipe\\${folder.split('\\').at(-1)}`
      : join(folder, 'socket');
  const server = createServer();
  server.listen(address);
  const [program, ...args] = commandFor(address, folder);
  const child = spawn(program!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  child.on('error', (error) => (said = `window: ${error.message}\n`));
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));

  const receivers = new Map<number, (answer: Answer) => void>();
  let refused: string | null = null;
  let gone = false;
  const socket = await new Promise<Socket | null>((resolve) => {
    const timer = setTimeout(() => resolve(null), startSeconds * 1000);
    child.once('exit', () => resolve(null));
    server.once('connection', (connection) => {
      createInterface({ input: connection }).on('line', (line) => {
        const answer = JSON.parse(line) as Answer;
        if ('ready' in answer) {
          clearTimeout(timer);
          resolve(connection);
        } else if ('refused' in answer) refused = answer.refused;
        else receivers.get(answer.id)?.(answer);
      });
      connection.on('error', () => undefined);
      connection.on('close', () => {
        gone = true;
        const end = { ended: { kind: 'killed' as const }, said: refused ?? 'Electron ended' };
        for (const [id, receive] of receivers) receive({ id, ...end });
      });
    });
  });
  const close = () => {
    socket?.destroy();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  };
  if (socket === null) {
    child.kill();
    close();
    const line = said.split('\n').find((each) => each.startsWith('window: '));
    return { refused: line?.slice('window: '.length) ?? refused ?? 'no window came up' };
  }
  let last = 0;
  return {
    engine: 'pyodide',
    description: 'Pyodide in a sandboxed window',
    close,
    async start(program, limits) {
      if (gone) throw startFailure(refused ?? 'Electron ended');
      const id = ++last;
      const tell = (message: object) => socket.write(`${JSON.stringify({ id, ...message })}\n`);
      const lines: Buffer[] = [];
      let ending: Ending | null = null;
      let why = '';
      let wake: () => void = () => undefined;
      const ended = new Promise<void>((resolve) => {
        receivers.set(id, (answer) => {
          if ('line' in answer) lines.push(Buffer.from(answer.line));
          else if ('ended' in answer) {
            receivers.delete(id);
            ending ??= answer.ended;
            why = answer.said;
            resolve();
          }
          wake();
        });
      });
      const sandboxed: SandboxedProcess = {
        send: (line) => void tell({ do: 'send', line: line.toString() }),
        async receive() {
          while (lines.length === 0 && ending === null) {
            await new Promise<void>((resolve) => (wake = resolve));
          }
          const line = lines.shift();
          return line !== undefined ? { line } : { ended: ending as Ending };
        },
        async kill() {
          tell({ do: 'kill' });
          await ended;
        },
        printed: () => Buffer.from(why),
      };
      tell({ do: 'start', program, limits });
      const timer = setTimeout(() => void sandboxed.kill(), startSeconds * 1000);
      const first = await sandboxed.receive();
      clearTimeout(timer);
      if ('line' in first && first.line.toString() === 'ready') return sandboxed;
      throw startFailure(why.trim().split('\n').at(-1) ?? '');
    },
  };
}

/** The app starts itself once more; `wds`, plain Node, has a script that finds Electron. */
function commandFor(address: string, folder: string): string[] {
  const own = process.env[codeWindowsVariable];
  if (own === undefined) return [process.execPath, starter, address];
  const command = JSON.parse(own) as string[];
  const profile = `--user-data-dir=${join(folder, 'profile')}`;
  return [...command.slice(0, -1), profile, `${command.at(-1)}${address}`];
}

function startFailure(why: string): StudioError {
  const hint = 'Start the app once to see whether Electron works on this machine.';
  return new StudioError('sandbox-failed', `The window for code tasks did not start: ${why}`, hint);
}
