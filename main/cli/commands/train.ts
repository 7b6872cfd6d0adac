/** `wds train sft|joint|neftune|undial`: one training stage alone, as a run of its own. */
import type { CommandSpec } from '../arguments.ts';
import { parseArguments, usage } from '../arguments.ts';
import type { LoadPipeline } from '../drive-run.ts';
import { run, runSpec } from './run.ts';

export const trainSpec: CommandSpec = {
  ...runSpec,
  name: 'train',
  usage:
    'sft|joint|neftune|undial --config FILE [--model DIR --data FILE --out DIR --set KEY=VALUE ...]',
  summary: 'Runs one training stage alone; the trained model is DIR/model.',
  positionals: ['STAGE'],
};

const stages = ['sft', 'joint', 'neftune', 'undial'];

export async function train(args: string[], loadPipeline: LoadPipeline): Promise<number> {
  const [stage = ''] = parseArguments(trainSpec, args).positionals;
  if (!stages.includes(stage)) {
    throw usage(trainSpec, `Say what to train: wds train ${stages.join(', wds train ')}.`);
  }
  const rest = args.filter((_, index) => index !== args.indexOf(stage));
  return run([...rest, '--set', `only=${stage}`], loadPipeline);
}
