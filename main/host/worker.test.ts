import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runConfigSchema } from '../contract/config.ts';
import { StudioError } from '../contract/errors.ts';
import type { RunEvent } from '../contract/events.ts';
import { mishaps, runCounting } from '../fixtures/host/counting-pipeline.ts';
import { batchEvents } from './event-batches.ts';
import { readEvents } from './event-reader.ts';
import type { Port } from './port.ts';
import { createPortPair, portOfChild } from './port.ts';
import { createRun, readRunSummary } from './run-store.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';
import type { WorkerParts } from './worker.ts';
import { serveWorker } from './worker.ts';

let root: string;
let child: ChildProcess | null;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'worker-'));
  child = null;
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

const newRun = (steps: number, seed: number = mishaps.none) =>
  createRun(root, runConfigSchema.parse({ model: 'm', data: { file: 'd' }, sft: { steps }, seed }));

const parts: WorkerParts = {
  loadPipeline: () => Promise.resolve(runCounting),
  computations: {
    double: async () => async (payload, context) => {
      context.progress('half way');
      return (payload as number) * 2;
    },
    refuse: async () => async () => {
      throw new StudioError('model-invalid', 'No model.', 'Choose one.');
    },
    wait: async () => (_, context) =>
      new Promise((_resolve, reject) =>
        context.signal.addEventListener('abort', () => reject(new Error('aborted'))),
      ),
  },
};

/** Everything the worker says, and a way to wait for a message. */
function listen(port: Port<ToWorker, FromWorker>) {
  const heard: FromWorker[] = [];
  let wake: (() => void) | null = null;
  port.onMessage((message) => {
    heard.push(message);
    wake?.();
  });
  async function until<T extends FromWorker['type']>(
    type: T,
    count = 1,
  ): Promise<FromWorker & { type: T }> {
    for (;;) {
      const found = heard.filter((message) => message.type === type);
      if (found.length >= count) return found[count - 1] as FromWorker & { type: T };
      await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  return { heard, until };
}

function startInProcess() {
  const [host, worker] = createPortPair<ToWorker, FromWorker>();
  const ears = listen(host);
  serveWorker(worker, parts);
  return { port: host, ...ears };
}

function startForked() {
  child = fork(join(import.meta.dirname, '../fixtures/host/counting-worker.ts'), {
    execArgv: ['--import', 'tsx'],
    serialization: 'advanced',
  });
  const port = portOfChild<ToWorker, FromWorker>(child);
  return { port, ...listen(port) };
}

describe.each([
  ['in this process', startInProcess],
  ['in a forked process', startForked],
])('a worker %s', (_, startWorker) => {
  test('sends all events of a run, once and in order, and how it ended', async () => {
    const { port, heard, until } = startWorker();
    await until('ready');
    const runFolder = newRun(30);
    port.post({ type: 'start', runFolder });
    const ended = await until('ended');
    expect(ended).toEqual({
      type: 'ended',
      runId: basename(runFolder),
      end: { status: 'finished' },
    });
    const sent = heard.flatMap((message) => (message.type === 'events' ? message.events : []));
    const logged: RunEvent[] = [];
    for await (const event of readEvents(join(runFolder, 'events.jsonl'))) logged.push(event);
    expect(sent).toEqual(logged);
  });

  test('stops on a wish, then takes the next run', async () => {
    const { port, until } = startWorker();
    const runFolder = newRun(100_000_000);
    port.post({ type: 'start', runFolder });
    await until('events');
    port.post({ type: 'start', runFolder: newRun(1) });
    expect(await until('refused')).toMatchObject({ error: { code: 'run-locked' } });
    port.post({ type: 'wish', wish: 'pause' });
    expect(await until('ended')).toMatchObject({ end: { status: 'paused' } });
    port.post({ type: 'start', runFolder: newRun(8, mishaps.dataInvalid) });
    expect(await until('ended', 2)).toMatchObject({
      end: { status: 'failed', error: { code: 'data-invalid' } },
    });
    port.post({ type: 'start', runFolder: join(root, 'nothing') });
    expect(await until('refused', 2)).toMatchObject({ error: { code: 'run-invalid' } });
  });
});

test('a worker whose host is gone saves its run and ends', async () => {
  const { port, until } = startForked();
  const runFolder = newRun(100_000_000);
  port.post({ type: 'start', runFolder });
  await until('events');
  const exit = once(child!, 'exit');
  port.close();
  expect(await exit).toEqual([0, null]);
  expect(readRunSummary(runFolder).status).toBe('stopped');
});

test('computations answer, report progress, fail with their error and are cancelled', async () => {
  const { port, until, heard } = startInProcess();
  expect(await until('ready')).toEqual({ type: 'ready', requests: ['double', 'refuse', 'wait'] });
  port.post({ type: 'request', id: 1, name: 'double', payload: 21 });
  expect(await until('response')).toEqual({ type: 'response', id: 1, result: 42 });
  expect(heard).toContainEqual({ type: 'progress', id: 1, value: 'half way' });
  port.post({ type: 'request', id: 2, name: 'refuse', payload: null });
  expect(await until('error')).toEqual({
    type: 'error',
    id: 2,
    error: { code: 'model-invalid', message: 'No model.', hint: 'Choose one.' },
  });
  port.post({ type: 'request', id: 3, name: 'wait', payload: null });
  port.post({ type: 'cancel', id: 3 });
  expect(await until('error', 2)).toMatchObject({ id: 3, error: { code: 'stopped' } });
  port.post({ type: 'request', id: 4, name: 'constructor', payload: null });
  expect(await until('error', 3)).toMatchObject({ id: 4, error: { code: 'internal' } });
});

test('batches lose nothing and keep the order, however fast events come', () => {
  const batches: RunEvent[][] = [];
  const { add, flush } = batchEvents((events) => batches.push(events), 60_000);
  const event = (seq: number): RunEvent =>
    ({ kind: 'warning', code: '', message: '', runId: 'r', seq, time: 0 }) as RunEvent;
  for (let seq = 0; seq < 50; seq++) add(event(seq));
  expect(batches).toHaveLength(1);
  flush();
  flush();
  expect(batches).toHaveLength(2);
  expect(batches.flat().map(({ seq }) => seq)).toEqual([...Array(50).keys()]);
});
