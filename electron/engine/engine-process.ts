/**
 * The process that computes, forked when first needed. Training blocks its thread, never a window.
 * It may die (killed, out of memory, a fault in native code): whoever waits for an answer gets an
 * error with the reason, the last lines it wrote are kept, and the next request forks a new one.
 */
import { app, utilityProcess } from 'electron';
import type { UtilityProcess } from 'electron';
import { StudioError } from '../../main/contract/errors.ts';
import type { RunEvent } from '../../main/contract/events.ts';
import type { Wish } from '../../main/host/control-file.ts';
import { portOfUtilityProcess } from '../../main/host/port.ts';
import type { Port } from '../../main/host/port.ts';
import type { SessionEnd } from '../../main/host/session.ts';
import type { FromWorker, ToWorker } from '../../main/host/worker-messages.ts';
import { engineFile } from '../paths.ts';
import { engineEnvironment } from './engine-environment.ts';

const keptOutput = 64_000;
const engineName = 'Weak-Driven Studio engine';
/** Milliseconds that the browser's report may come after the process's own 'exit'. */
const reportDelay = 2000;

export interface Engine {
  /** Settles when the run has ended; rejects when it was refused or the engine died. */
  run(runFolder: string, onOutput: (text: string) => void): Promise<SessionEnd>;
  wish(wish: Wish): void;
  /** Aborting `signal` ends a computation that heeds it; its error has the code `stopped`. */
  compute<T>(name: string, payload: unknown, follow?: Follow): Promise<T>;
  onEvents(listener: (runId: string, events: RunEvent[]) => void): void;
  onRewound(listener: (runId: string) => void): void;
  /** Null while no engine process is there. */
  pid(): number | null;
}

export interface Follow {
  signal: AbortSignal;
  onProgress(value: unknown): void;
}

interface Waiting {
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
}

interface Living {
  child: UtilityProcess;
  port: Port<ToWorker, FromWorker>;
  output: string;
  run: (Waiting & { onOutput: (text: string) => void }) | null;
  requests: Map<number, Waiting & { onProgress?: Follow['onProgress'] }>;
  exited: boolean;
  /** Exit code as the browser process saw it. */
  reported: number | null;
}

export function createEngine(): Engine {
  let living: Living | null = null;
  let lastId = 0;
  const eventListeners = new Set<(runId: string, events: RunEvent[]) => void>();
  const rewoundListeners = new Set<(runId: string) => void>();
  // A killed process may say 'exit' with code 0 (its pipe closed first); this event knows better.
  app.on('child-process-gone', (_event, { name, serviceName, exitCode }) => {
    if (living === null || ![name, serviceName].includes(engineName)) return;
    living.reported = exitCode;
    if (living.exited) gone(living, exitCode);
  });

  return {
    run(runFolder, onOutput) {
      const engine = (living ??= fork());
      return new Promise<SessionEnd>((resolve, reject) => {
        engine.run = { resolve, reject, onOutput };
        engine.port.post({ type: 'start', runFolder });
      });
    },
    wish: (wish) => living?.port.post({ type: 'wish', wish }),
    compute<T>(name: string, payload: unknown, follow?: Follow) {
      const engine = (living ??= fork());
      const id = (lastId += 1);
      return new Promise<T>((resolve, reject) => {
        const onProgress = follow?.onProgress;
        engine.requests.set(id, { resolve, reject, ...(onProgress && { onProgress }) });
        engine.port.post({ type: 'request', id, name, payload });
        follow?.signal.addEventListener('abort', () => engine.port.post({ type: 'cancel', id }), {
          once: true,
        });
      });
    },
    onEvents: (listener) => void eventListeners.add(listener),
    onRewound: (listener) => void rewoundListeners.add(listener),
    pid: () => living?.child.pid ?? null,
  };

  function fork(): Living {
    const child = utilityProcess.fork(engineFile, [], {
      serviceName: engineName,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: engineEnvironment(),
    });
    const engine: Living = {
      child,
      port: portOfUtilityProcess(child),
      output: '',
      run: null,
      requests: new Map(),
      exited: false,
      reported: null,
    };
    const keep = (chunk: Buffer): void => {
      const text = chunk.toString('utf8');
      engine.output = (engine.output + text).slice(-keptOutput);
      engine.run?.onOutput(text);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    engine.port.onMessage((message) => receive(engine, message));
    child.on('exit', (code) => {
      engine.exited = true;
      const known = code === 0 ? engine.reported : code;
      if (known === null) setTimeout(() => gone(engine, 0), reportDelay);
      else gone(engine, known);
    });
    return engine;
  }

  function receive(engine: Living, message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        return;
      case 'progress':
        engine.requests.get(message.id)?.onProgress?.(message.value);
        return;
      case 'events':
        for (const listener of eventListeners) listener(message.runId, message.events);
        return;
      case 'rewound':
        for (const listener of rewoundListeners) listener(message.runId);
        return;
      case 'ended':
        engine.run?.resolve(message.end as never);
        engine.run = null;
        return;
      case 'refused':
        engine.run?.reject(asStudioError(message.error));
        engine.run = null;
        return;
      case 'response':
        engine.requests.get(message.id)?.resolve(message.result as never);
        engine.requests.delete(message.id);
        return;
      case 'error':
        engine.requests.get(message.id)?.reject(asStudioError(message.error));
        engine.requests.delete(message.id);
    }
  }

  function gone(engine: Living, code: number): void {
    if (living !== engine) return;
    living = null;
    const error = new StudioError(
      'engine-crashed',
      `The engine process has died (${describeEnd(code)}).${lastLine(engine.output)}`,
      'Resume the run: it goes on from its last checkpoint. The log has the engine’s last output.',
    );
    engine.run?.reject(error);
    for (const { reject } of engine.requests.values()) reject(error);
  }
}

function asStudioError({
  code,
  message,
  hint,
}: {
  code: StudioError['code'];
  message: string;
  hint: string;
}): StudioError {
  return new StudioError(code, message, hint);
}

/** On Linux and macOS the exit code of a process that a signal ended is the signal's number. */
const signals: Record<number, string> = {
  4: 'it ran into an instruction this processor does not have',
  6: 'it gave up in native code',
  7: 'it crashed in native code',
  9: 'it was killed, by the user or because the machine ran out of memory',
  11: 'it crashed in native code',
  15: 'it was told to end',
};

export function describeEnd(code: number): string {
  const number = code > 128 ? code - 128 : Math.abs(code);
  const words = signals[number];
  return words === undefined ? `exit code ${code}` : `${words}; signal ${number}`;
}

function lastLine(output: string): string {
  const line = output.trim().split('\n').at(-1) ?? '';
  return line === '' ? '' : ` It last wrote: ${line.slice(0, 300)}`;
}
