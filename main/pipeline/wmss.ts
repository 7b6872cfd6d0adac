/**
 * The method, whole: Weak-Driven Learning (WMSS, arXiv 2602.08222) in its three phases.
 *   1 Initialise   entropy of the base model over the data; SFT, leaving historical checkpoints
 *   2 Curriculum   entropy again; weights from both (WD-DS); resampling
 *   3 Joint        weak and strong model through mixed logits (WD-JT); keep the strong one
 * and, beside it, plain SFT continued for as many steps, the comparison that a gain has to pass; where
 * asked for also NEFTune and UNDIAL.
 * Every line is a stage (stage.ts): done ones are skipped, which is all that resuming is.
 */
import type { RunConfig } from '../contract/config.ts';
import { curriculumStage } from './curriculum-stage.ts';
import { entropyStage } from './entropy-stage.ts';
import { evaluateStage, type NamedModel } from './evaluate-stage.ts';
import { examplesStage } from './examples-stage.ts';
import { extractStage } from './extract-stage.ts';
import { reportStage } from './report-stage.ts';
import type { RunContext } from './run-context.ts';
import { prepareRun } from './run-settings.ts';
import { trainOnly } from './train-only.ts';
import { trainingStage, wantedBaselines } from './training-stage.ts';
import { middleCheckpoint, weakAgent } from './weak-agent.ts';

export async function runWmss(config: RunConfig, context: RunContext): Promise<void> {
  if (config.only) return trainOnly(config.only, config, context);
  const run = prepareRun(config, context);
  const base = run.base;
  const data = await examplesStage(run);

  const entropies = [await entropyStage(run, 'entropy-0', base, data)];
  const sft = await trainingStage(run, { stage: 'sft', strong: base, weak: null, data });

  if (config.curriculum.scheme === 'brownboost') {
    entropies.push(await entropyStage(run, 'entropy-middle', middleCheckpoint(run, sft), data));
  }
  entropies.push(await entropyStage(run, 'entropy-1', sft.model, data));
  const sample = await curriculumStage(run, entropies);

  const weak = weakAgent(run);
  const joint = await trainingStage(run, { stage: 'joint', strong: sft.model, weak, data, sample });
  const baselines: NamedModel[] = [];
  for (const stage of wantedBaselines(config)) {
    const teacher = stage === 'undial' ? sft.model : null;
    const request = { stage, strong: sft.model, weak: teacher, data, joint };
    baselines.push({ name: stage, model: (await trainingStage(run, request)).model });
  }

  const enhanced = await extractStage(run, joint);
  await evaluateStage(run, data, [
    { name: 'base', model: base },
    { name: 'sft', model: sft.model },
    ...baselines,
    { name: 'weak-driven', model: enhanced },
  ]);
  await reportStage(run);
}
