/** Works on a run in this process and says how it went: what `wds run` and `wds resume` share. */
import { basename, dirname } from 'node:path';
import type { RunConfig } from '../contract/config.ts';
import type { RunPipeline } from '../pipeline/run-context.ts';
import { defaultRunsRoot } from '../host/run-folders.ts';
import { readRunSummary } from '../host/run-store.ts';
import { startSession } from '../host/session.ts';
import { printError } from './dispatch.ts';
import { createProgress } from './progress.ts';
import { formatResults } from './results.ts';

export type LoadPipeline = () => Promise<RunPipeline<RunConfig>>;

/** Returns the exit code: 1 when the run failed or cannot go on, 0 also when it was stopped. */
export async function driveRun(
  runFolder: string,
  loadPipeline: LoadPipeline,
  json: boolean,
): Promise<number> {
  const progress = json ? null : createProgress();
  const session = startSession({
    runFolder,
    runPipeline: async (config, context) => (await loadPipeline())(config, context),
    ...(progress && { onEvent: progress.show }),
  });
  const end = await session.end;
  progress?.end();
  const summary = readRunSummary(runFolder);
  if (end.error !== undefined) {
    const canResume = end.status === 'paused' ? ` Then: wds resume ${handleOf(runFolder)}` : '';
    printError({ ...end.error, hint: end.error.hint + canResume }, json);
    return 1;
  }
  if (json) {
    console.log(JSON.stringify({ run: summary.id, folder: runFolder, ...end, summary }));
    return 0;
  }
  console.log(formatResults(summary));
  console.log(
    end.status === 'finished'
      ? `Results: ${runFolder}`
      : `To go on: wds resume ${handleOf(runFolder)}`,
  );
  return 0;
}

/** What `wds resume` takes: the id, or the path where the run does not lie with the others. */
function handleOf(runFolder: string): string {
  return dirname(runFolder) === defaultRunsRoot() ? basename(runFolder) : runFolder;
}
