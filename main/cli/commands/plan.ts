/** `wds plan`: what a run will take, before it is started. */
import { tmpdir } from 'node:os';
import { existsSync } from 'node:fs';
import { checkConfigFiles } from '../../host/config-check.ts';
import { defaultRunsRoot } from '../../host/run-folders.ts';
import { measuredRates } from '../../host/step-rates.ts';
import { planRun } from '../../pipeline/plan.ts';
import type { CommandSpec } from '../arguments.ts';
import { parseArguments } from '../arguments.ts';
import { configOptions, loadRunConfig } from '../config-file.ts';
import { formatGigabytes, formatSeconds } from '../text.ts';

export const planSpec: CommandSpec = {
  name: 'plan',
  usage: '--config FILE | --preset NAME [--model DIR --data FILE --set KEY=VALUE ...] [--json]',
  summary:
    'Says what a run will take: memory, steps, time and disk, and what to change where it is too much.',
  options: { ...configOptions, json: { help: 'print one JSON document' } },
};

export async function plan(args: string[]): Promise<number> {
  const given = parseArguments(planSpec, args);
  const config = loadRunConfig(planSpec, given);
  checkConfigFiles(config);
  const root = defaultRunsRoot();
  const rates = await measuredRates(root, config);
  const result = await planRun(config, existsSync(root) ? root : tmpdir(), rates);
  if (given.has('json')) {
    console.log(JSON.stringify(result));
    return 0;
  }
  const column = (bytes: number): string => formatGigabytes(bytes).padStart(10);
  result.memory.forEach(({ part, bytes }) => console.log(`${column(bytes)}  ${part}`));
  const fits =
    result.memoryBytes <= result.memoryAvailableBytes ? 'fits into' : 'does not fit into';
  console.log(
    `${column(result.memoryBytes)}  peak memory; ${fits} ${formatGigabytes(result.memoryAvailableBytes)}`,
  );
  console.log(
    `${column(result.diskBytes)}  disk for checkpoints; ${formatGigabytes(result.diskFreeBytes)} free`,
  );
  result.stages.forEach(({ stage, steps, seconds }) => {
    const time = seconds === undefined ? '' : `, about ${formatSeconds(seconds)}`;
    console.log(`${String(steps).padStart(10)}  steps of ${stage}${time}`);
  });
  console.log(
    result.timeSource === undefined
      ? 'time: not known before a run with a model of this shape has trained on this machine'
      : `time: ${result.timeSource}`,
  );
  result.advice.forEach(({ text, saves }) =>
    console.log(`advice: ${text}${saves ? `, saves ${formatGigabytes(saves)}` : ''}`),
  );
  return 0;
}
