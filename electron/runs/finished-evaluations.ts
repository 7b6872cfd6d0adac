/** Evaluations that are on disk, made by the app or by `wds eval`: their results and their answers. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EvaluationAnswer, FinishedEvaluation } from '../../main/contract/evaluation-jobs.ts';
import type { EvaluationLine, EvaluationSummary } from '../../main/contract/evaluation.ts';
import { StudioError } from '../../main/contract/errors.ts';
import { dataHome, isRunId } from '../../main/host/run-folders.ts';

const known = new Map<string, { key: string; evaluation: FinishedEvaluation }>();

const root = (): string => join(dataHome(), 'evaluations');

/** Newest first; folders without a readable summary are left out. */
export function finishedEvaluations(): FinishedEvaluation[] {
  if (!existsSync(root())) return [];
  return readdirSync(root())
    .flatMap((id) => readSummary(id) ?? [])
    .sort((a, b) => b.summary.finished - a.summary.finished);
}

function readSummary(id: string): FinishedEvaluation | null {
  const folder = join(root(), id);
  const file = join(folder, 'summary.json');
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined) return null;
  const key = `${status.size} ${status.mtimeMs}`;
  const before = known.get(id);
  if (before?.key === key) return before.evaluation;
  try {
    const whole = JSON.parse(readFileSync(file, 'utf8')) as EvaluationSummary;
    if (whole.format !== 'weak-driven-studio.evaluation') return null;
    const { verdicts: _verdicts, ...summary } = whole;
    const evaluation = { id, folder, summary };
    known.set(id, { key, evaluation });
    return evaluation;
  } catch {
    return null;
  }
}

/** Every generation, the last line of each, in the order of items and samples. */
export function readAnswers(id: string): EvaluationAnswer[] {
  const file = join(root(), id, 'items.jsonl');
  if (!isRunId(id) || !existsSync(file)) {
    throw new StudioError(
      'run-missing',
      `There is no evaluation ${id}.`,
      'It may have been deleted; evaluate again.',
    );
  }
  const lines = new Map<string, EvaluationLine>();
  for (const text of readFileSync(file, 'utf8').split('\n')) {
    const line = parsed(text);
    if (line !== null) lines.set(`${line.item} ${line.sample}`, line);
  }
  return [...lines.values()]
    .sort((a, b) => a.item - b.item || a.sample - b.sample)
    .map(({ ids, started: _started, time: _time, ...line }) => ({ ...line, tokens: ids.length }));
}

/** A kill may leave half a line at the end. */
function parsed(text: string): EvaluationLine | null {
  try {
    return JSON.parse(text) as EvaluationLine;
  } catch {
    return null;
  }
}
