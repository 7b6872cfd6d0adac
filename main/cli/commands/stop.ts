/** `wds stop`: asks the process that works on a run to save a checkpoint, and waits until it has. */
import { setTimeout } from 'node:timers/promises';
import { requestFromOwner } from '../../host/control-file.ts';
import { defaultRunsRoot } from '../../host/run-folders.ts';
import { inspectRunLock } from '../../host/run-lock.ts';
import { findRun, readRunSummary } from '../../host/run-store.ts';
import type { CommandSpec } from '../arguments.ts';
import { parseArguments } from '../arguments.ts';

export const stopSpec: CommandSpec = {
  name: 'stop',
  usage: 'RUN [--json]',
  summary: 'Saves a checkpoint of a run in work and stops it. RUN is an id, or a folder.',
  options: { json: { help: 'print one JSON document' } },
  positionals: ['RUN'],
};

export async function stop(args: string[]): Promise<number> {
  const given = parseArguments(stopSpec, args);
  const runFolder = findRun(defaultRunsRoot(), given.positionals[0]!);
  requestFromOwner(runFolder, 'stop');
  if (!given.has('json')) console.error('Stopping after the step in work...');
  for (;;) {
    const liveness = inspectRunLock(runFolder)?.liveness ?? 'dead';
    if (liveness === 'dead') break;
    await setTimeout(100);
  }
  const summary = readRunSummary(runFolder);
  const { id, status } = summary;
  console.log(
    given.has('json') ? JSON.stringify({ run: id, status, summary }) : `${id}: ${status}`,
  );
  return 0;
}
