/** `wds resume`: goes on with a run that was stopped, paused, interrupted or failed. */
import { defaultRunsRoot } from '../../host/run-folders.ts';
import { findRun } from '../../host/run-store.ts';
import type { CommandSpec } from '../arguments.ts';
import { parseArguments } from '../arguments.ts';
import type { LoadPipeline } from '../drive-run.ts';
import { driveRun } from '../drive-run.ts';

export const resumeSpec: CommandSpec = {
  name: 'resume',
  usage: 'RUN [--json]',
  summary: 'Goes on with a run from its last checkpoint. RUN is an id of wds runs, or a folder.',
  options: { json: { help: 'print one JSON document at the end' } },
  positionals: ['RUN'],
};

export async function resume(args: string[], loadPipeline: LoadPipeline): Promise<number> {
  const given = parseArguments(resumeSpec, args);
  const runFolder = findRun(defaultRunsRoot(), given.positionals[0]!);
  return driveRun(runFolder, loadPipeline, given.has('json'));
}
