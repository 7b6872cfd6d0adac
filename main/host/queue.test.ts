import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runConfigSchema } from '../contract/config.ts';
import { mishaps, runCounting } from '../fixtures/host/counting-pipeline.ts';
import { openQueue } from './queue.ts';
import { createRun, readRunSummary } from './run-store.ts';
import { startSession } from './session.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'queue-'));
  path = join(folder, 'queue.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('real runs go one after another; one that fails does not hold up the next', async () => {
  const run = (seed: number) =>
    createRun(
      join(folder, 'runs'),
      runConfigSchema.parse({ model: 'm', data: { file: 'd' }, sft: { steps: 8 }, seed }),
    );
  const runs = [run(mishaps.none), run(mishaps.defect), run(mishaps.none)];
  let inWork = 0;
  const order: string[] = [];
  const failures: string[] = [];
  const queue = openQueue({
    path,
    async startRun(runFolder) {
      expect(inWork++).toBe(0);
      order.push(runFolder);
      const { status } = await startSession({ runFolder, runPipeline: runCounting }).end;
      inWork--;
      if (status === 'failed') throw new Error(status);
    },
    onFailure: (runFolder) => failures.push(runFolder),
  });
  for (const runFolder of runs) queue.add(runFolder);
  expect(order).toEqual([]);
  queue.start();
  expect(queue.current).toBe(runs[0]);
  await queue.idle();
  expect(order).toEqual(runs);
  expect(failures).toEqual([runs[1]]);
  expect(runs.map((runFolder) => readRunSummary(runFolder).status)).toEqual([
    'finished',
    'failed',
    'finished',
  ]);
});

test('the order outlives the process, and a reopened queue waits to be started', async () => {
  const first = openQueue({ path, startRun: () => Promise.resolve() });
  for (const run of ['a', 'b', 'c', 'b']) first.add(run);
  first.move('c', 0);
  first.move('unknown', 0);
  first.remove('a');

  const started: string[] = [];
  const startRun = async (runId: string) => void started.push(runId);
  const second = openQueue({ path, startRun });
  expect(second.waiting).toEqual(['c', 'b']);
  expect(second.held).toBe(true);
  second.add('d');
  await second.idle();
  expect(started).toEqual([]);
  second.start();
  await second.idle();
  expect(started).toEqual(['c', 'b', 'd']);
  expect(openQueue({ path, startRun }).waiting).toEqual([]);
});

test('held while a run is in work, it ends that run only', async () => {
  const started: string[] = [];
  const queue = openQueue({
    path,
    async startRun(runId) {
      started.push(runId);
      queue.hold();
    },
  });
  queue.add('a');
  queue.add('b');
  queue.start();
  await queue.idle();
  expect(started).toEqual(['a']);
  expect(queue.waiting).toEqual(['b']);
});

test('a damaged file counts as an empty queue', () => {
  writeFileSync(path, '{"waiting": ["a", 3, "a"]}');
  expect(openQueue({ path, startRun: () => Promise.resolve() }).waiting).toEqual(['a']);
  writeFileSync(path, '{"wai');
  expect(openQueue({ path, startRun: () => Promise.resolve() }).waiting).toEqual([]);
});
