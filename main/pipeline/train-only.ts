/**
 * One training stage alone (`only:`, `wds train`): from given models and data, in the
 * order that the data or an order file has; the trained model is kept as `model/`.
 */
import type { RunConfig } from '../contract/config.ts';
import { StudioError } from '../contract/errors.ts';
import { examplesStage } from './examples-stage.ts';
import { extractStage } from './extract-stage.ts';
import type { RunContext } from './run-context.ts';
import { prepareRun } from './run-settings.ts';
import { trainingStage } from './training-stage.ts';
import { weakAgent } from './weak-agent.ts';

export async function trainOnly(
  stage: NonNullable<RunConfig['only']>,
  config: RunConfig,
  context: RunContext,
): Promise<void> {
  if (stage === 'joint' && config.weak.startsWith('checkpoint:')) {
    throw new StudioError(
      'config-invalid',
      `weak: ${config.weak} names a checkpoint of the run's own SFT, which this run does not have.`,
      'Give the folder of the weak agent.',
    );
  }
  const run = prepareRun(config, context);
  const data = await examplesStage(run);
  const weak = stage === 'joint' ? weakAgent(run) : stage === 'undial' ? run.base : null;
  const trained = await trainingStage(run, { stage, strong: run.base, weak, data });
  await extractStage(run, trained);
}
