/**
 * Reading `events.jsonl` while its owner may be writing it: a last line without its end is not
 * there yet. Three ways: the lines, at once and blocking (for the owner, before it goes on); the
 * events, as a stream (for windows and reports); the last few events (for lists of runs).
 */
import { closeSync, createReadStream, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { StudioError } from '../contract/errors.ts';
import type { RunEvent } from '../contract/events.ts';

export interface ReadOptions {
  /** Only events with this number or a later one. */
  fromSeq?: number;
}

/** @throws StudioError('run-invalid') when a line in the middle is no event. */
export async function* readEvents(
  path: string,
  { fromSeq = 0 }: ReadOptions = {},
): AsyncGenerator<RunEvent> {
  if (!existsSync(path)) return;
  let lineNumber = 0;
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) {
    const bytes = Buffer.concat([rest, chunk as Buffer]);
    let begin = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, begin)) {
      lineNumber++;
      const line = bytes.toString('utf8', begin, end);
      begin = end + 1;
      if (!isEarlier(line, fromSeq)) yield parseEvent(line, path, lineNumber);
    }
    rest = Buffer.from(bytes.subarray(begin));
  }
}

/** Complete lines, blocking, in constant memory. */
export function* linesOf(path: string): Generator<string> {
  const descriptor = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(1 << 18);
    let rest = Buffer.alloc(0);
    for (let read = readSync(descriptor, chunk); read > 0; read = readSync(descriptor, chunk)) {
      const bytes = Buffer.concat([rest, chunk.subarray(0, read)]);
      let begin = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, begin)) {
        yield bytes.toString('utf8', begin, end);
        begin = end + 1;
      }
      rest = Buffer.from(bytes.subarray(begin));
    }
  } finally {
    closeSync(descriptor);
  }
}

/** At most the last 64 KB; lines that are no events are left out. */
export function readLastEvents(path: string): RunEvent[] {
  if (!existsSync(path)) return [];
  const descriptor = openSync(path, 'r');
  try {
    const size = fstatSync(descriptor).size;
    const start = Math.max(0, size - (1 << 16));
    const bytes = Buffer.alloc(size - start);
    readSync(descriptor, bytes, 0, bytes.length, start);
    const lines = bytes
      .toString('utf8')
      .split('\n')
      .slice(start === 0 ? 0 : 1, -1);
    return lines.flatMap((line) => {
      try {
        return [JSON.parse(line) as RunEvent];
      } catch {
        return [];
      }
    });
  } finally {
    closeSync(descriptor);
  }
}

/** Tells from the line's first characters, without parsing it: the writer puts `seq` first. */
function isEarlier(line: string, fromSeq: number): boolean {
  if (fromSeq === 0 || !line.startsWith('{"seq":')) return false;
  return Number.parseInt(line.slice(7, 24), 10) < fromSeq;
}

function parseEvent(line: string, path: string, lineNumber: number): RunEvent {
  try {
    return JSON.parse(line) as RunEvent;
  } catch (error) {
    throw new StudioError(
      'run-invalid',
      `Line ${lineNumber} of ${path} is no event.`,
      'The file was changed or the disk is damaged; delete that line to read the others.',
      { cause: error },
    );
  }
}
