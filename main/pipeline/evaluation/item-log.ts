/**
 * `items.jsonl`: every generation of an evaluation, one line each, appended and flushed to the disk as
 * soon as it is finished. A process that is killed while it writes leaves half a line, which is cut
 * off when the log is opened again. A later line for the same item and sample replaces an earlier one.
 */
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
} from 'node:fs';
import { StudioError } from '../../contract/errors.ts';
import type { EvaluationLine } from '../../contract/evaluation.ts';
import { asWriteError } from '../../engine/checkpoint/durable-file.ts';
import { writeFully } from '../atomic-file.ts';

export interface ItemLog {
  /** By item and sample, the finished ones only. */
  lines: Map<string, EvaluationLine>;
  /** @throws disk-full, file-unwritable */
  append(line: EvaluationLine): void;
  close(): void;
}

export function lineKey({ item, sample }: Pick<EvaluationLine, 'item' | 'sample'>): string {
  return `${item}:${sample}`;
}

/** @throws run-invalid for a log that was changed by something else */
export function openItemLog(path: string): ItemLog {
  const lines = new Map<string, EvaluationLine>();
  const whole = existsSync(path) ? readLines(path, lines) : 0;
  const descriptor = openSync(path, 'a');
  ftruncateSync(descriptor, whole);
  return {
    lines,
    append(line) {
      try {
        writeFully(descriptor, `${JSON.stringify(line)}\n`);
        fdatasyncSync(descriptor);
      } catch (error) {
        throw asWriteError(path, error);
      }
      lines.set(lineKey(line), line);
    },
    close: () => closeSync(descriptor),
  };
}

/** Returns how many bytes hold whole lines. */
function readLines(path: string, lines: Map<string, EvaluationLine>): number {
  const bytes = readFileSync(path);
  let from = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
    const line = parseLine(bytes.toString('utf8', from, end));
    if (line === null) {
      throw new StudioError(
        'run-invalid',
        `${path} is damaged after ${lines.size} generations (byte ${from}).`,
        'Delete the lines from there on, or choose another folder with --out.',
      );
    }
    lines.set(lineKey(line), line);
    from = end + 1;
  }
  return from;
}

function parseLine(text: string): EvaluationLine | null {
  try {
    const line = JSON.parse(text) as EvaluationLine;
    const isLine = Number.isInteger(line.item) && Number.isInteger(line.sample);
    return isLine && Array.isArray(line.ids) ? line : null;
  } catch {
    return null;
  }
}
