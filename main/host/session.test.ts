import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runConfigSchema } from '../contract/config.ts';
import type { RunEvent } from '../contract/events.ts';
import { mishaps, runCounting } from '../fixtures/host/counting-pipeline.ts';
import { requestFromOwner } from './control-file.ts';
import { readEvents } from './event-reader.ts';
import { inspectRunLock } from './run-lock.ts';
import { createRun, readRunSummary } from './run-store.ts';
import { startSession } from './session.ts';

let root: string;
let children: ChildProcess[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'session-'));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

function newRun(steps: number, mishap: keyof typeof mishaps = 'none'): string {
  const config = {
    name: 'counting',
    model: '/models/tiny',
    data: { file: '/data/rows.jsonl' },
    sft: { steps },
    checkpoints: { everySteps: 10 },
    seed: mishaps[mishap],
  };
  return createRun(root, runConfigSchema.parse(config));
}

async function eventsOf(runFolder: string): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of readEvents(join(runFolder, 'events.jsonl'))) events.push(event);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index));
  return events;
}
const lossesOf = (events: RunEvent[]) =>
  events.flatMap((event) => (event.kind === 'step' ? [[event.step, event.loss]] : []));

/** The run in a process of its own, which says each step that is a multiple of 100. */
function startOwner(runFolder: string): { child: ChildProcess; steps: AsyncIterator<string> } {
  const here = (path: string) => JSON.stringify(join(import.meta.dirname, path));
  const source = `
    import { startSession } from ${here('session.ts')};
    import { runCounting } from ${here('../fixtures/host/counting-pipeline.ts')};
    const { end } = startSession({
      runFolder: ${JSON.stringify(runFolder)},
      runPipeline: runCounting,
      onEvent: (e) => { if (e.kind === 'step' && e.step % 100 === 0) console.log(e.step); },
    });
    process.exitCode = (await end).status === 'finished' ? 0 : 7;`;
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', source],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  children.push(child);
  return { child, steps: createInterface({ input: child.stdout! })[Symbol.asyncIterator]() };
}

describe('a session', () => {
  test('runs the pipeline to its end and leaves nothing locked', async () => {
    const runFolder = newRun(200);
    const seen: RunEvent[] = [];
    const session = startSession({
      runFolder,
      runPipeline: runCounting,
      onEvent: (event) => seen.push(event),
    });
    expect(readRunSummary(runFolder).status).toBe('running');
    expect(await session.end).toEqual({ status: 'finished' });
    expect(inspectRunLock(runFolder)).toBeNull();
    const events = await eventsOf(runFolder);
    expect(events).toEqual(seen);
    expect(events.at(0)).toMatchObject({
      kind: 'run-started',
      resumed: false,
      runId: session.runId,
    });
    expect(events.at(-1)).toMatchObject({ kind: 'run-finished' });
    expect(events.some((event) => event.kind === 'memory' && event.residentBytes > 0)).toBe(true);
    const summary = readRunSummary(runFolder);
    expect(summary).toMatchObject({ status: 'finished', stage: 'sft', step: 200, steps: 200 });
    expect(summary.bytes).toBeGreaterThan(1000);
    const losses = lossesOf(events).map(([, loss]) => loss);
    expect(summary.recentLosses).toEqual(losses.filter((_, index) => (index + 1) % 4 === 0));
  });

  test.each([
    ['stop', 'stopped', 'run-stopped', true],
    ['pause', 'paused', 'run-paused', true],
    ['cancel', 'stopped', 'run-stopped', false],
  ] as const)(
    '%s ends it as %s, and resuming gives the undisturbed run',
    async (wish, status, kind, isSaved) => {
      const runFolder = newRun(60);
      const session = startSession({
        runFolder,
        runPipeline: runCounting,
        onEvent: (event) => {
          if (event.kind === 'step' && event.step === 25) session.request(wish);
        },
      });
      expect(await session.end).toEqual({ status });
      expect((await eventsOf(runFolder)).at(-1)).toMatchObject({ kind });
      expect(readRunSummary(runFolder).status).toBe(status);
      const saved = JSON.parse(readFileSync(join(runFolder, 'checkpoint.json'), 'utf8'));
      expect(saved.step).toBe(isSaved ? 25 : 20);

      const rewinds: number[] = [];
      const again = startSession({
        runFolder,
        runPipeline: runCounting,
        onRewind: (lastSeq) => rewinds.push(lastSeq),
      });
      expect(await again.end).toEqual({ status: 'finished' });
      expect(rewinds).toHaveLength(isSaved ? 0 : 1);
      await expectUndisturbed(runFolder, 60);
    },
  );

  test('a checkpoint is made once per wish, and the run goes on', async () => {
    const runFolder = newRun(9);
    const session = startSession({
      runFolder,
      runPipeline: runCounting,
      onEvent: (event) => {
        if (event.kind === 'step' && event.step === 3) session.request('checkpoint');
      },
    });
    await session.end;
    const saves = (await eventsOf(runFolder)).filter((event) => event.kind === 'checkpoint');
    expect(saves.map((event) => event.step)).toEqual([3]);
  });

  test.each([
    ['dataInvalid', 'failed', 'run-failed', 'data-invalid', 'Fix it.'],
    ['diskFull', 'paused', 'run-paused', 'disk-full', 'Free some.'],
    ['defect', 'failed', 'run-failed', 'internal', 'engine.log'],
  ] as const)('%s ends it as %s', async (mishap, status, kind, code, hint) => {
    const runFolder = newRun(10, mishap);
    const end = await startSession({ runFolder, runPipeline: runCounting }).end;
    expect(end).toMatchObject({ status, error: { code } });
    expect(end.error?.hint).toContain(hint);
    expect((await eventsOf(runFolder)).at(-1)).toMatchObject({ kind });
    expect(readRunSummary(runFolder)).toMatchObject({ status, error: { code } });
    const log = readFileSync(join(runFolder, 'engine.log'), 'utf8');
    expect(log).toContain('counting-pipeline.ts');
    expect(inspectRunLock(runFolder)).toBeNull();
  });

  test('a config that was damaged is refused before anything is written', () => {
    const runFolder = newRun(5);
    writeFileSync(join(runFolder, 'config.json'), '{"model": 3}');
    expect(() => startSession({ runFolder, runPipeline: runCounting })).toThrow(
      'is not the config of a run',
    );
    expect(existsSync(join(runFolder, 'owner.lock'))).toBe(false);
  });
});

describe('a run in another process', () => {
  const endless = 100_000_000;

  test('is refused to a second owner, stops on request and keeps its place', async () => {
    const runFolder = newRun(endless);
    const forAnother = JSON.stringify({ wish: 'cancel', owner: 'an earlier one' });
    writeFileSync(join(runFolder, 'control.json'), forAnother);
    const { child, steps } = startOwner(runFolder);
    await steps.next();
    expect(() => startSession({ runFolder, runPipeline: runCounting })).toThrow(
      `already in work by process ${child.pid}`,
    );
    requestFromOwner(runFolder, 'stop');
    const [code] = await once(child, 'exit');
    expect(code).toBe(7);
    expect(readRunSummary(runFolder)).toMatchObject({ status: 'stopped' });
    expect(() => requestFromOwner(runFolder, 'stop')).toThrow('is not in work');
    expect(existsSync(join(runFolder, 'control.json'))).toBe(false);
    const saved = JSON.parse(readFileSync(join(runFolder, 'checkpoint.json'), 'utf8'));
    expect(lossesOf(await eventsOf(runFolder)).at(-1)![0]).toBe(saved.step);
  });

  test('stops with a checkpoint on Ctrl-C', async () => {
    const runFolder = newRun(endless);
    const { child, steps } = startOwner(runFolder);
    await steps.next();
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([7, null]);
    expect((await eventsOf(runFolder)).at(-1)).toMatchObject({ kind: 'run-stopped' });
  });

  test('is interrupted when killed at any moment, and resuming gives the undisturbed run', async () => {
    const runFolder = newRun(2000);
    let landed = 0;
    for (let kill = 0; kill < 3; kill++) {
      const { child, steps } = startOwner(runFolder);
      await steps.next();
      child.kill('SIGKILL');
      await once(child, 'exit');
      const { status } = readRunSummary(runFolder);
      if (status !== 'finished') {
        expect(status).toBe('interrupted');
        landed++;
      }
    }
    expect(landed).toBeGreaterThan(0);
    writeFileSync(join(runFolder, 'status.json.tmp-123'), '{"half');
    const end = await startSession({ runFolder, runPipeline: runCounting }).end;
    expect(end).toEqual({ status: 'finished' });
    expect(readRunSummary(runFolder).status).toBe('finished');
    expect(readdirSync(runFolder).filter((name) => /tmp|lock/.test(name))).toEqual([]);
    await expectUndisturbed(runFolder, 2000);
  });
});

/** Same result and same step events as a run that was left alone. */
async function expectUndisturbed(runFolder: string, steps: number): Promise<void> {
  const reference = newRun(steps);
  await startSession({ runFolder: reference, runPipeline: runCounting }).end;
  expect(lossesOf(await eventsOf(runFolder))).toEqual(lossesOf(await eventsOf(reference)));
  const result = (folder: string) => readFileSync(join(folder, 'result.txt'), 'utf8');
  expect(result(runFolder)).toBe(result(reference));
}
