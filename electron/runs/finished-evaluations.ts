/** Finished evaluations as the windows get them: without the verdicts of each item, without token ids. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EvaluationAnswer, FinishedEvaluation } from '../../main/contract/evaluation-jobs.ts';
import { StudioError } from '../../main/contract/errors.ts';
import { evaluationsRoot, isRunId } from '../../main/host/run-folders.ts';
import {
  finishedEvaluations,
  readGenerations,
} from '../../main/pipeline/evaluation/finished-evaluations.ts';

/** Newest first. */
export function listFinished(): FinishedEvaluation[] {
  return finishedEvaluations(evaluationsRoot()).map(({ id, folder, summary }) => {
    const { verdicts: _verdicts, ...rest } = summary;
    return { id, folder, summary: rest };
  });
}

export async function readAnswers(id: string): Promise<EvaluationAnswer[]> {
  const folder = join(evaluationsRoot(), id);
  if (!isRunId(id) || !existsSync(join(folder, 'items.jsonl'))) {
    throw new StudioError(
      'run-missing',
      `There is no evaluation ${id}.`,
      'It may have been deleted; evaluate again.',
    );
  }
  const lines = await readGenerations(folder);
  return lines.map(({ ids, started: _started, time: _time, ...line }) => ({
    ...line,
    tokens: ids.length,
  }));
}
