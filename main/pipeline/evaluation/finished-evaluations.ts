/** Evaluations that are on disk, made by the app or by `wds eval`: their summaries and their answers. */
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { EvaluationLine, EvaluationSummary } from '../../contract/evaluation.ts';
import { lineKey } from './item-log.ts';

export interface SummaryOnDisk {
  /** Name of its folder. */
  id: string;
  folder: string;
  summary: EvaluationSummary;
}

/** What was read, until the file is another one: a list is asked for at every progress message. */
const known = new Map<string, { stamp: string; found: SummaryOnDisk }>();

/** Newest first; folders without a readable summary are left out. */
export function finishedEvaluations(root: string): SummaryOnDisk[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .flatMap((id) => readSummary(root, id) ?? [])
    .sort((a, b) => b.summary.finished - a.summary.finished);
}

function readSummary(root: string, id: string): SummaryOnDisk | null {
  const folder = join(root, id);
  const file = join(folder, 'summary.json');
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined) return null;
  const stamp = `${status.size} ${status.mtimeMs}`;
  const before = known.get(file);
  if (before?.stamp === stamp) return before.found;
  try {
    const summary = JSON.parse(readFileSync(file, 'utf8')) as EvaluationSummary;
    if (summary.format !== 'weak-driven-studio.evaluation') return null;
    const found = { id, folder, summary };
    known.set(file, { stamp, found });
    return found;
  } catch {
    return null;
  }
}

/** Every generation, the last line of each, in the order of items and samples. */
export async function readGenerations(folder: string): Promise<EvaluationLine[]> {
  const lines = new Map<string, EvaluationLine>();
  for await (const text of createInterface({
    input: createReadStream(join(folder, 'items.jsonl')),
  })) {
    const line = parsed(text);
    if (line !== null) lines.set(lineKey(line), line);
  }
  return [...lines.values()].sort((a, b) => a.item - b.item || a.sample - b.sample);
}

/** A kill may leave half a line at the end. */
function parsed(text: string): EvaluationLine | null {
  try {
    return JSON.parse(text) as EvaluationLine;
  } catch {
    return null;
  }
}
