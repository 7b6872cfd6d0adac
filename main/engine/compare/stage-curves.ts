/**
 * The curves of one training stage, read from a run's log of any length: lines of other events and
 * stages are passed over without parsing them, so that 100,000 events take a part of a second.
 */
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { StageName, StepEvent } from '../../contract/events.ts';
import type { ReportedCurve } from '../../contract/report.ts';
import { unreadableFile } from '../checkpoint/read-json-file.ts';
import type { StepColumns } from '../report/step-curves.ts';
import { addStep, emptyColumns, trainingOf } from '../report/step-curves.ts';

const pieceBytes = 1 << 20;

export interface StageCurves {
  stepsPerPoint: number;
  curves: ReportedCurve[];
}

/** Null where the stage has no step yet. Steps after `last` are left out. @throws file-unreadable */
export async function readStageCurves(
  eventsFile: string,
  stage: StageName,
  last = Infinity,
): Promise<StageCurves | null> {
  if (!existsSync(eventsFile)) return null;
  let columns = emptyColumns(stage);
  const mark = Buffer.from(`"kind":"step","stage":"${stage}"`);
  try {
    for await (const lines of wholeLines(eventsFile)) {
      columns = foldPiece(columns, lines, mark, last);
    }
  } catch (error) {
    throw unreadableFile(eventsFile, error);
  }
  if (columns.steps.length === 0) return null;
  const { curves, stepsPerPoint } = trainingOf(columns, { file: 'events.jsonl' });
  return { curves, stepsPerPoint };
}

/** Pieces of a file in one buffer that is used again, so a piece is good until the next one is asked for. */
async function* wholeLines(path: string): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    let buffer = Buffer.allocUnsafe(pieceBytes);
    let filled = 0;
    for (;;) {
      if (filled === buffer.length) buffer = Buffer.concat([buffer], 2 * buffer.length);
      const { bytesRead } = await file.read(buffer, filled, buffer.length - filled);
      if (bytesRead === 0) return;
      filled += bytesRead;
      const end = buffer.lastIndexOf(10, filled - 1) + 1;
      yield buffer.subarray(0, end);
      buffer.copy(buffer, 0, end, filled);
      filled -= end;
    }
  } finally {
    await file.close();
  }
}

/** Jumps from mark to mark; whole lines only. */
function foldPiece(before: StepColumns, bytes: Buffer, mark: Buffer, last: number): StepColumns {
  let columns = before;
  for (let at = bytes.indexOf(mark); at >= 0;) {
    const begin = bytes.lastIndexOf(10, at) + 1;
    const end = bytes.indexOf(10, at);
    try {
      // Only numbers are taken from it, so Latin-1 will do: it is read several times faster than UTF-8.
      const event = JSON.parse(bytes.toString('latin1', begin, end)) as StepEvent;
      // A run that was killed and went on from its checkpoint repeats steps: the later ones count.
      if (event.step <= (columns.steps.at(-1) ?? 0)) columns = cutAt(columns, event.step);
      if (event.step <= last) addStep(columns, event);
    } catch {
      // A torn line of a crash.
    }
    at = bytes.indexOf(mark, end);
  }
  return columns;
}

function cutAt(columns: StepColumns, step: number): StepColumns {
  const kept = columns.steps.filter((known) => known < step).length;
  columns.steps.length = kept;
  for (const values of Object.values(columns.values)) values.length = kept;
  return columns;
}
