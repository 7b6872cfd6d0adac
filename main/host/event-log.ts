/**
 * `events.jsonl`, the one record of a run: a line per event, numbered from 0 without gaps, so that
 * line n holds seq n. Each event is one write(2) as it happens: a killed process loses none, and a
 * write costs microseconds next to a step. `flush` adds the fsync that a power cut asks for; it
 * belongs before a checkpoint becomes valid. Only the run's owner (see run-lock.ts) may write.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { EventBody, RunEvent, StageName } from '../contract/events.ts';
import { asWriteError, syncFolder } from '../engine/checkpoint/durable-file.ts';
import { writeFully } from '../pipeline/atomic-file.ts';
import { linesOf } from './event-reader.ts';

export interface EventLog {
  /** -1 while there is none. */
  readonly lastSeq: number;
  append(body: EventBody): RunEvent;
  flush(): void;
  /**
   * Takes out what a stage reported past a step, before it takes that step again from a checkpoint.
   * Later events move up, so that numbers stay without gaps. Returns how many were taken out.
   */
  truncateAfter(stage: StageName, step: number): number;
  close(): void;
}

/** Opens the log for writing, and cuts off what a crash left half written at its end. */
export function openEventLog(path: string, runId: string): EventLog {
  let descriptor = openForAppend(path);
  let lastSeq = cutTornTail(descriptor);

  return {
    get lastSeq() {
      return lastSeq;
    },
    append(body) {
      const event = number(body, lastSeq + 1);
      const before = fstatSync(descriptor).size;
      try {
        writeFully(descriptor, `${JSON.stringify(event)}\n`);
      } catch (error) {
        // Half a line must not become the beginning of the next one.
        ftruncateSync(descriptor, before);
        throw asWriteError(path, error);
      }
      lastSeq = event.seq;
      return event;
    },
    flush() {
      fsyncSync(descriptor);
    },
    truncateAfter: rewrite,
    close() {
      fsyncSync(descriptor);
      closeSync(descriptor);
    },
  };

  function number(body: EventBody, seq: number): RunEvent {
    return { seq, time: Date.now(), runId, ...body };
  }

  /** Lines that are no events, which only a damaged disk leaves in the middle, go too. */
  function rewrite(stage: StageName, step: number): number {
    const goes = (event: RunEvent | null) => event === null || isPast(event, stage, step);
    let removed = 0;
    for (const line of linesOf(path)) if (goes(parseOrNull(line))) removed++;
    if (removed === 0) return 0;
    const temporary = `${path}.rewind.tmp`;
    try {
      const target = openSync(temporary, 'w');
      let kept = 0;
      let pending = '';
      for (const line of linesOf(path)) {
        const event = parseOrNull(line);
        if (event === null || goes(event)) continue;
        pending += `${JSON.stringify({ ...event, seq: kept++ })}\n`;
        if (pending.length < 1 << 20) continue;
        writeFully(target, pending);
        pending = '';
      }
      writeFully(target, pending);
      fsyncSync(target);
      closeSync(target);
      renameSync(temporary, path);
      syncFolder(dirname(path));
      lastSeq = kept - 1;
    } catch (error) {
      throw asWriteError(path, error);
    }
    closeSync(descriptor);
    descriptor = openForAppend(path);
    return removed;
  }
}

/** Events that carry a step and belong to work that will be done again. */
function isPast(event: RunEvent, stage: StageName, step: number): boolean {
  switch (event.kind) {
    case 'step':
    case 'sample':
    case 'checkpoint':
    case 'checkpoint-removed':
      return event.stage === stage && event.step > step;
    default:
      return false;
  }
}

function openForAppend(path: string): number {
  const isNew = !existsSync(path);
  try {
    const descriptor = openSync(path, 'a+');
    if (isNew) syncFolder(dirname(path));
    return descriptor;
  } catch (error) {
    throw asWriteError(path, error);
  }
}

/**
 * A power cut may leave a line without its end, or blocks of zeros; cuts back to the last line that
 * is a whole event. Returns its number, -1 when nothing is left.
 */
function cutTornTail(descriptor: number): number {
  const { size } = fstatSync(descriptor);
  for (let window = 1 << 16; ; window *= 4) {
    const start = Math.max(0, size - window);
    const bytes = Buffer.alloc(size - start);
    readSync(descriptor, bytes, 0, bytes.length, start);
    let stop = bytes.lastIndexOf(10) + 1;
    while (stop > 0) {
      const begin = stop === 1 ? 0 : bytes.lastIndexOf(10, stop - 2) + 1;
      // Its beginning may lie before the window: look again with a larger one.
      if (begin === 0 && start > 0) break;
      const event = parseOrNull(bytes.toString('utf8', begin, stop));
      if (event !== null) {
        ftruncateSync(descriptor, start + stop);
        return event.seq;
      }
      stop = begin;
    }
    if (start === 0) break;
  }
  ftruncateSync(descriptor, 0);
  return -1;
}

function parseOrNull(line: string): RunEvent | null {
  try {
    const event = JSON.parse(line) as RunEvent;
    return Number.isInteger(event.seq) && typeof event.kind === 'string' ? event : null;
  } catch {
    return null;
  }
}
