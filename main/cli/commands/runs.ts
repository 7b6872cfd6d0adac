/** `wds runs`: the runs of this user, newest first. */
import type { RunSummary } from '../../contract/runs.ts';
import { defaultRunsRoot } from '../../host/run-folders.ts';
import { listRuns } from '../../host/run-store.ts';
import type { CommandSpec } from '../arguments.ts';
import { parseArguments } from '../arguments.ts';
import { formatNumber, formatTable, printable } from '../text.ts';

export const runsSpec: CommandSpec = {
  name: 'runs',
  usage: '[--json]',
  summary: 'Lists the runs, newest first.',
  options: { json: { help: 'print one JSON document' } },
};

export async function runs(args: string[]): Promise<number> {
  const given = parseArguments(runsSpec, args);
  const root = defaultRunsRoot();
  const found = listRuns(root);
  if (given.has('json')) console.log(JSON.stringify(found));
  else if (found.length === 0) console.log(`No runs in ${root} yet. wds run --preset demo`);
  else
    console.log(
      formatTable([['run', 'status', 'stage', 'step', 'loss', 'made'], ...found.map(row)]),
    );
  return 0;
}

function row(run: RunSummary): string[] {
  return [
    printable(run.id),
    run.status,
    run.stage ?? '',
    run.step === undefined ? '' : `${run.step}/${run.steps}`,
    run.loss === undefined ? '' : formatNumber(run.loss),
    new Date(run.created).toISOString().slice(0, 16).replace('T', ' '),
  ];
}
