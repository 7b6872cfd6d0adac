/**
 * The one channel between the process that hosts runs and the one that computes them. The same
 * messages pass between two ends in one process (CLI, tests), to a forked node process, and to
 * Electron's utilityProcess, whose objects are described by their shape: this file does not know
 * Electron. Messages are plain data (structured clone).
 */
import type { ChildProcess } from 'node:child_process';
import { deserialize, serialize } from 'node:v8';

export interface Port<Outgoing, Incoming> {
  /** After the other side has closed, messages are dropped. */
  post(message: Outgoing): void;
  /** Returns a function that takes the handler away. */
  onMessage(handler: (message: Incoming) => void): () => void;
  close(): void;
}

/** Two ends in one process. Messages are copied and arrive in a later turn, as between processes. */
export function createPortPair<A, B>(): [Port<A, B>, Port<B, A>] {
  const toSecond = new Set<(message: A) => void>();
  const toFirst = new Set<(message: B) => void>();
  let isOpen = true;
  const close = (): void => void (isOpen = false);
  return [
    { post: (message) => deliver(message, toSecond), onMessage: adder(toFirst), close },
    { post: (message) => deliver(message, toFirst), onMessage: adder(toSecond), close },
  ];

  function deliver<T>(message: T, handlers: Set<(message: T) => void>): void {
    const copy = deserialize(serialize(message)) as T;
    setImmediate(() => {
      if (isOpen) for (const handler of handlers) handler(copy);
    });
  }
}

/** In the parent: a process made with `fork(path, { serialization: 'advanced' })`. */
export function portOfChild<Outgoing, Incoming>(child: ChildProcess): Port<Outgoing, Incoming> {
  const handlers = new Set<(message: Incoming) => void>();
  child.on('message', (message) => handlers.forEach((handler) => handler(message as Incoming)));
  return {
    post(message) {
      if (child.connected) child.send(message as object, ignoreFailure);
    },
    onMessage: adder(handlers),
    close: () => child.connected && child.disconnect(),
  };
}

/**
 * In the forked process; null when this process was not forked. When the parent is gone, or has
 * closed its end, this process ends as by SIGTERM: a run in work saves a checkpoint first.
 */
export function portOfParent<Outgoing, Incoming>(): Port<Outgoing, Incoming> | null {
  if (process.send === undefined) return null;
  const handlers = new Set<(message: Incoming) => void>();
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.on('message', (message) => handlers.forEach((handler) => handler(message as Incoming)));
  return {
    post(message) {
      if (process.connected) process.send?.(message, undefined, undefined, ignoreFailure);
    },
    onMessage: adder(handlers),
    close: () => process.connected && process.disconnect(),
  };
}

/** What Electron's UtilityProcess looks like in the main process. */
export interface UtilityProcessLike {
  postMessage(message: unknown): void;
  on(event: 'message', handler: (message: unknown) => void): unknown;
  kill(): boolean;
}

export function portOfUtilityProcess<Outgoing, Incoming>(
  child: UtilityProcessLike,
): Port<Outgoing, Incoming> {
  const handlers = new Set<(message: Incoming) => void>();
  child.on('message', (message) => handlers.forEach((handler) => handler(message as Incoming)));
  return {
    post: (message) => child.postMessage(message),
    onMessage: adder(handlers),
    close: () => child.kill(),
  };
}

/** What `process.parentPort` looks like in a utility process. */
export interface ParentPortLike {
  postMessage(message: unknown): void;
  on(event: 'message', handler: (event: { data: unknown }) => void): unknown;
}

/** In a utility process; null anywhere else. */
export function portOfUtilityParent<Outgoing, Incoming>(): Port<Outgoing, Incoming> | null {
  const { parentPort } = process as { parentPort?: ParentPortLike };
  if (!parentPort) return null;
  const handlers = new Set<(message: Incoming) => void>();
  parentPort.on('message', ({ data }) => handlers.forEach((handler) => handler(data as Incoming)));
  return {
    post: (message) => parentPort.postMessage(message),
    onMessage: adder(handlers),
    close: () => process.exit(0),
  };
}

function adder<T>(handlers: Set<(message: T) => void>) {
  return (handler: (message: T) => void): (() => void) => {
    handlers.add(handler);
    return () => void handlers.delete(handler);
  };
}

/** The other process may end between the check and the write; its end is noticed elsewhere. */
function ignoreFailure(): void {}
