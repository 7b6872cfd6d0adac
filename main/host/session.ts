/**
 * One run in the process that computes it: takes the run's lock, opens its log, calls the pipeline,
 * and turns what comes back into the run's status.
 *
 *   running --(pipeline returns)--> finished
 *           --(pause / stop wished, pipeline throws 'stopped')--> paused / stopped
 *           --(disk full, loss not finite)--> paused, with the error: nothing is lost, try again
 *           --(any other error)--> failed, with the error; stack traces go to engine.log
 *           --(killed)--> the lock is left behind: `interrupted` for whoever looks
 *
 * Wishes come through `request`, signals (signals.ts) and control.json (control-file.ts).
 */
import { appendFileSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { RunConfig } from '../contract/config.ts';
import type { ErrorDetails } from '../contract/errors.ts';
import { toErrorDetails } from '../contract/errors.ts';
import type { EventBody, RunEvent, StageName } from '../contract/events.ts';
import type { RunStatus } from '../contract/runs.ts';
import type { RunContext, RunPipeline } from '../pipeline/run-context.ts';
import { watchForAlarms } from './alarms.ts';
import type { Wish } from './control-file.ts';
import { takeWish } from './control-file.ts';
import { openEventLog } from './event-log.ts';
import { measureMemory } from './memory.ts';
import { acquireRunLock } from './run-lock.ts';
import { advanceRecord, readRunRecord, writeRunRecord } from './run-record.ts';
import { measureRun, readRunConfig } from './run-store.ts';
import { onStopSignals } from './signals.ts';
import { openTensorBoard } from './tensorboard.ts';
import { version } from './version.ts';

export interface SessionOptions {
  runFolder: string;
  runPipeline: RunPipeline<RunConfig>;
  onEvent?: (event: RunEvent) => void;
  /** Steps were taken out of the log and the rest renumbered: followers have to read it anew. */
  onRewind?: (lastSeq: number) => void;
}

export interface SessionEnd {
  status: RunStatus & ('finished' | 'paused' | 'stopped' | 'failed');
  error?: ErrorDetails;
}

export interface Session {
  runId: string;
  request(wish: Wish): void;
  /** Settles when the run's files are closed and its lock is free; never rejects. */
  end: Promise<SessionEnd>;
}

const statusInterval = 500;
const controlInterval = 200;
const memoryInterval = 10_000;

/** @throws StudioError('run-locked' | 'run-invalid' | 'file-unwritable') before anything is done. */
export function startSession(options: SessionOptions): Session {
  const { runFolder } = options;
  const runId = basename(runFolder);
  const config = readRunConfig(runFolder);
  const { lock, log, tensorBoard, record } = openRun(runFolder, config);
  const removeSignals = onStopSignals(() => request('stop'), endAtOnce);
  const wished = new Set<Wish>();
  const alarmsOf = watchForAlarms();
  const activeBefore = record.activeSeconds;
  const started = performance.now();
  let statusWritten = -Infinity;
  let controlRead = -Infinity;
  let memoryMeasured = -Infinity;

  const end = work();
  return { runId, request, end };

  async function work(): Promise<SessionEnd> {
    const resumed = log.lastSeq >= 0;
    setStatus('running');
    // The caller has its session before the first event comes.
    await new Promise((resolve) => setImmediate(resolve));
    let ended: SessionEnd;
    try {
      await options.runPipeline(config, makeContext(resumed));
      ended = { status: 'finished' };
      emit({ kind: 'run-finished', seconds: activeSeconds() });
    } catch (error) {
      ended = explain(error);
      quietly(() => emit(eventOf(ended)));
    }
    quietly(() => (record.summary.bytes = measureRun(runFolder)));
    if (ended.error !== undefined) record.summary.error = ended.error;
    close(ended.status);
    return ended;
  }

  function makeContext(resumed: boolean): RunContext {
    return {
      runFolder,
      resumed,
      version,
      emit,
      control: {
        stopRequested: () => isWished('stop'),
        pauseRequested: () => isWished('pause'),
        cancelRequested: () => isWished('cancel'),
        checkpointRequested: () => isWished('checkpoint'),
      },
      breathe: () => new Promise((resolve) => setImmediate(resolve)),
      rewind,
      flushEvents: () => log.flush(),
    };
  }

  function emit(body: EventBody): void {
    const event = log.append(body);
    tensorBoard.write(event);
    advanceRecord(record, event);
    if (body.kind === 'checkpoint') {
      wished.delete('checkpoint');
      log.flush();
      record.summary.bytes = measureRun(runFolder);
    }
    writeStatus(false);
    options.onEvent?.(event);
    for (const alarm of alarmsOf(body)) emit(alarm);
    if (body.kind !== 'memory' && performance.now() - memoryMeasured > memoryInterval) {
      memoryMeasured = performance.now();
      emit(measureMemory(runFolder));
    }
  }

  function rewind(stage: StageName, step: number): void {
    const removed = log.truncateAfter(stage, step);
    if (removed === 0) return;
    record.lastSeq = log.lastSeq;
    tensorBoard.rebuild();
    options.onRewind?.(log.lastSeq);
  }

  function request(wish: Wish): void {
    wished.add(wish);
    if (wish === 'checkpoint') return;
    setStatus(wish === 'pause' ? 'pausing' : 'stopping');
  }

  function isWished(wish: Wish): boolean {
    if (performance.now() - controlRead > controlInterval) {
      controlRead = performance.now();
      const asked = takeWish(runFolder, lock.owner.nonce);
      if (asked !== null) request(asked);
    }
    return wished.has(wish);
  }

  function explain(error: unknown): SessionEnd {
    const details = toErrorDetails(error);
    if (details.code === 'stopped') {
      const isPause = wished.has('pause') && !wished.has('stop') && !wished.has('cancel');
      return { status: isPause ? 'paused' : 'stopped' };
    }
    if (details.code === 'internal') {
      details.hint = `This is a defect; ${join(runFolder, 'engine.log')} has the details.`;
    }
    // Room for saying so: the event, the status, the log.
    if (details.code === 'disk-full') quietly(() => tensorBoard.discard());
    quietly(() => writeToLog(error));
    const isPassing = details.code === 'disk-full' || details.code === 'loss-not-finite';
    return { status: isPassing ? 'paused' : 'failed', error: details };
  }

  function eventOf(ended: SessionEnd): EventBody {
    const { stage, step } = record.summary;
    if (ended.status === 'paused') {
      return { kind: 'run-paused', reason: ended.error?.message ?? 'Paused on request.' };
    }
    if (ended.status === 'failed' && ended.error !== undefined) {
      return { kind: 'run-failed', error: ended.error };
    }
    return { kind: 'run-stopped', stage: stage ?? 'examples', step: step ?? 0 };
  }

  function writeToLog(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const cause = error instanceof Error && error.cause ? `\ncaused by ${String(error.cause)}` : '';
    const line = `${new Date().toISOString()} process ${process.pid}: ${text}${cause}\n`;
    appendFileSync(join(runFolder, 'engine.log'), line);
  }

  function setStatus(status: RunStatus): void {
    record.summary.status = status;
    quietly(() => writeStatus(true));
  }

  function writeStatus(always: boolean): void {
    if (!always && performance.now() - statusWritten < statusInterval) return;
    statusWritten = performance.now();
    record.activeSeconds = activeSeconds();
    writeRunRecord(runFolder, record);
  }

  function activeSeconds(): number {
    return activeBefore + (performance.now() - started) / 1000;
  }

  function close(status: RunStatus): void {
    setStatus(status);
    quietly(() => tensorBoard.close());
    quietly(() => log.close());
    removeSignals();
    // A wish that came with a signal may still lie there.
    takeWish(runFolder, lock.owner.nonce);
    quietly(() => lock.release());
  }

  /** For what must not keep a run from ending, e.g. on a full disk, which the log may be on too. */
  function quietly(action: () => unknown): void {
    try {
      action();
    } catch (error) {
      try {
        writeToLog(error);
      } catch {
        // Nowhere is left to say it.
      }
    }
  }

  function endAtOnce(): never {
    close('interrupted');
    process.exit(130);
  }
}

function openRun(runFolder: string, config: RunConfig) {
  const lock = acquireRunLock(runFolder);
  try {
    removeHalfWritten(runFolder);
    const eventsPath = join(runFolder, 'events.jsonl');
    const log = openEventLog(eventsPath, basename(runFolder));
    const tensorBoard = openTensorBoard(join(runFolder, 'tensorboard'), eventsPath);
    return { lock, log, tensorBoard, record: readRunRecord(runFolder, () => config) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Temporary files of owners that were killed; only the owner writes here, but for control.json. */
function removeHalfWritten(runFolder: string): void {
  for (const name of readdirSync(runFolder)) {
    if (!/\.tmp-\d+$/.test(name) || name.startsWith('control.json')) continue;
    rmSync(join(runFolder, name), { force: true });
  }
}
