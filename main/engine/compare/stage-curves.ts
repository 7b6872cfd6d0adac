/**
 * The curves of one training stage, read from a run's log of any length: lines of other events and
 * stages are passed over without parsing them, so that 100,000 events take a part of a second.
 */
import { createReadStream, existsSync } from 'node:fs';
import type { StageName, StepEvent } from '../../contract/events.ts';
import type { ReportedCurve } from '../../contract/report.ts';
import { unreadableFile } from '../checkpoint/read-json-file.ts';
import type { StepColumns } from '../report/step-curves.ts';
import { addStep, emptyColumns, trainingOf } from '../report/step-curves.ts';

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
  let rest = Buffer.alloc(0);
  try {
    for await (const piece of createReadStream(eventsFile, { highWaterMark: 1 << 20 })) {
      const bytes = rest.length === 0 ? (piece as Buffer) : Buffer.concat([rest, piece as Buffer]);
      const end = bytes.lastIndexOf(10) + 1;
      columns = foldPiece(columns, bytes.subarray(0, end), mark, last);
      rest = Buffer.from(bytes.subarray(end));
    }
  } catch (error) {
    throw unreadableFile(eventsFile, error);
  }
  if (columns.steps.length === 0) return null;
  const { curves, stepsPerPoint } = trainingOf(columns, { file: 'events.jsonl' });
  return { curves, stepsPerPoint };
}

/** Jumps from mark to mark; whole lines only. */
function foldPiece(before: StepColumns, bytes: Buffer, mark: Buffer, last: number): StepColumns {
  let columns = before;
  for (let at = bytes.indexOf(mark); at >= 0;) {
    const begin = bytes.lastIndexOf(10, at) + 1;
    const end = bytes.indexOf(10, at);
    try {
      const event = JSON.parse(bytes.toString('utf8', begin, end)) as StepEvent;
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
