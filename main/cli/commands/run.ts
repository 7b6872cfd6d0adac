/** `wds run`: makes a run from a config and works on it until it is finished or stopped. */
import { resolve } from 'node:path';
import { checkConfigFiles } from '../../host/config-check.ts';
import { defaultRunsRoot } from '../../host/run-folders.ts';
import { createRun, createRunAt } from '../../host/run-store.ts';
import type { CommandSpec } from '../arguments.ts';
import { parseArguments } from '../arguments.ts';
import { configOptions, loadRunConfig } from '../config-file.ts';
import type { LoadPipeline } from '../drive-run.ts';
import { driveRun } from '../drive-run.ts';

export const runSpec: CommandSpec = {
  name: 'run',
  usage: '--config FILE | --preset NAME [--model DIR --data FILE --out DIR --set KEY=VALUE ...]',
  summary: 'Runs the whole method. Ctrl-C saves a checkpoint and stops; wds resume goes on.',
  options: {
    ...configOptions,
    out: { value: 'DIR', help: "the run's folder; left out: one below the data folder" },
    json: { help: 'print one JSON document at the end' },
  },
};

export async function run(args: string[], loadPipeline: LoadPipeline): Promise<number> {
  const given = parseArguments(runSpec, args);
  const config = loadRunConfig(runSpec, given);
  checkConfigFiles(config);
  const out = given.value('out');
  const runFolder =
    out === undefined ? createRun(defaultRunsRoot(), config) : createRunAt(resolve(out), config);
  return driveRun(runFolder, loadPipeline, given.has('json'));
}
