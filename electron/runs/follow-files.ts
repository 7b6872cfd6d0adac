/**
 * Runs that other processes work on (`wds`): their windows follow the event log on disk. Each poll looks
 * at the sizes of the few logs that windows have asked for, reads what was appended, and publishes it
 * like events of our own engine. A log that was rewritten (steps taken back) has another inode.
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RunEvent } from '../../main/contract/events.ts';

export interface FileFollower {
  /** A window has taken a snapshot of this run. */
  watch(runId: string, runFolder: string): void;
  poll(): void;
}

interface Followed {
  file: string;
  inode: number;
  /** Bytes that have been read, up to the end of a line. */
  offset: number;
}

interface Parts {
  onEvents(runId: string, events: RunEvent[]): void;
  onRewound(runId: string): void;
  /** Runs of our own engine come from there. */
  isOwn(runId: string): boolean;
}

const mostFollowed = 8;
/** What is appended between a snapshot and the first poll is within this; a window fills larger holes. */
const overlap = 1 << 16;
const mostAtOnce = 1 << 22;

export function followFiles({ onEvents, onRewound, isOwn }: Parts): FileFollower {
  const followed = new Map<string, Followed>();
  return {
    watch(runId, runFolder) {
      const file = join(runFolder, 'events.jsonl');
      const status = statSync(file, { throwIfNoEntry: false });
      followed.delete(runId);
      followed.set(runId, {
        file,
        inode: status?.ino ?? 0,
        offset: Math.max(0, (status?.size ?? 0) - overlap),
      });
      const [oldest] = followed.keys();
      if (followed.size > mostFollowed && oldest !== undefined) followed.delete(oldest);
    },
    poll() {
      for (const [runId, log] of followed) {
        const status = statSync(log.file, { throwIfNoEntry: false });
        if (status === undefined) continue;
        if (isOwn(runId)) {
          Object.assign(log, { inode: status.ino, offset: status.size });
          continue;
        }
        if (log.inode !== 0 && log.inode !== status.ino) {
          Object.assign(log, { inode: status.ino, offset: status.size });
          onRewound(runId);
          continue;
        }
        log.inode = status.ino;
        if (status.size <= log.offset) continue;
        const { events, end } = readAppended(log.file, log.offset);
        log.offset = end;
        if (events.length > 0) onEvents(runId, events);
      }
    },
  };
}

/** Whole lines from `offset` on; a beginning or an end in the middle of a line is left out. */
function readAppended(file: string, offset: number): { events: RunEvent[]; end: number } {
  const descriptor = openSync(file, 'r');
  try {
    const size = Math.min(fstatSync(descriptor).size - offset, mostAtOnce);
    const bytes = Buffer.alloc(Math.max(0, size));
    readSync(descriptor, bytes, 0, bytes.length, offset);
    const end = bytes.lastIndexOf(10) + 1;
    const lines = bytes.toString('utf8', 0, end).split('\n').filter(Boolean);
    return { events: lines.flatMap(eventOrNothing), end: offset + end };
  } finally {
    closeSync(descriptor);
  }
}

function eventOrNothing(line: string): RunEvent[] {
  try {
    const event = JSON.parse(line) as RunEvent;
    return Number.isInteger(event.seq) ? [event] : [];
  } catch {
    return [];
  }
}
