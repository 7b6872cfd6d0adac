/**
 * The models of a study: a base for each task and shape; for each seed SFT from it, with everything that
 * arms share (the trunk); and an arm, which goes on from the trunk or from another arm. All are the
 * pipeline's ordinary stages, so a killed study goes on inside the stage it was in.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import type { Study, StudyArm, StudyBlock } from '../../contract/study.ts';
import { createModel } from '../../engine/model/create-model.ts';
import { modelShapes } from '../../engine/model/model-shapes.ts';
import type { ModelSource } from '../../engine/train/model-source.ts';
import { curriculumStage } from '../curriculum-stage.ts';
import { entropyStage } from '../entropy-stage.ts';
import { examplesStage, type RunData } from '../examples-stage.ts';
import type { RunSettings } from '../run-settings.ts';
import { trainingStage, type TrainedModel } from '../training-stage.ts';
import { middleCheckpoint, weakAgent } from '../weak-agent.ts';
import { branch, studyConfig, studySettings, type StudyHost } from './study-context.ts';
import { trunkId, type TaskFiles } from './study-data.ts';

/** A model that others may go on from: where its training lies, and the entropies measured on the way. */
export interface Start {
  run: RunSettings;
  model: ModelSource;
  /** Of the training rows: before and after its training. */
  entropies(): Promise<string[]>;
}

export interface Trunk extends Start {
  data: RunData;
  sft: TrainedModel;
}

/** Trained once for a task and a shape, from random weights on rows of its own. */
export async function trainBase(
  study: Study,
  block: StudyBlock,
  files: TaskFiles,
  folder: string,
  host: StudyHost,
): Promise<string> {
  const { steps, learningRate, seed } = study.tasks[block.task]!.base;
  const own = join(folder, 'bases', trunkId(study, block));
  const random = join(own, 'random');
  if (!existsSync(join(random, 'model.safetensors'))) {
    const shape = modelShapes[block.shape as keyof typeof modelShapes];
    createModel({ shape, tokenizer: files.tokenizer, out: random, seed, dtype: 'f32' });
  }
  const optimizer = { ...study.optimizer, learningRate };
  const config = studyConfig(study, random, { data: files.base }, seed, {
    sft: { steps },
    optimizer,
    schedule: { kind: 'cosine', warmupSteps: 40 },
    checkpoints: { everySteps: 200, keep: 1 },
  });
  const run = studySettings(config, own, `base of ${block.title}`, host);
  const data = await examplesStage(run);
  const trained = await trainingStage(run, { stage: 'sft', strong: run.base, weak: null, data });
  return trained.model.base;
}

export async function trainTrunk(
  study: Study,
  block: StudyBlock,
  base: string,
  files: TaskFiles,
  seed: number,
  folder: string,
  host: StudyHost,
): Promise<Trunk> {
  const named = { data: files.training(seed), heldOut: files.heldOut };
  const config = studyConfig(study, base, named, seed, {});
  const run = studySettings(config, join(folder, 'sft'), `${block.title}, seed ${seed}, SFT`, host);
  const data = await examplesStage(run);
  // Arms measure their models themselves; checkpoints are for being weak agents.
  const quiet = { ...data, heldOut: [] };
  const sft = await trainingStage(run, { stage: 'sft', strong: run.base, weak: null, data: quiet });
  const entropies = async (): Promise<string[]> => [
    await entropyStage(run, 'entropy-0', run.base, data),
    await entropyStage(run, 'entropy-1', sft.model, data),
  ];
  return { run, model: sft.model, entropies, data, sft };
}

export async function trainArm(
  study: Study,
  arm: StudyArm,
  label: string,
  folder: string,
  trunk: Trunk,
  starts: ReadonlyMap<string, Start>,
  host: StudyHost,
): Promise<Start> {
  const start = startOf(starts, arm.start);
  const isHistorical = arm.weak === 'base' || arm.weak.startsWith('checkpoint:');
  const scheme = arm.curriculum === 'none' ? 'uniform' : arm.curriculum;
  const { config: shared } = trunk.run;
  const config = {
    ...shared,
    joint: { ...shared.joint, lambda: arm.lambda, freezeWeak: arm.freezeWeak },
    curriculum: { ...shared.curriculum, scheme },
    weak: isHistorical ? arm.weak : 'base',
    neftune: arm.neftune,
    undial: arm.undial,
    checkpoints: { everySteps: 100, keep: 1 },
  };
  const run = branch(
    trunk.run,
    { ...config, joint: { ...config.joint, steps: arm.steps ?? study.steps } },
    folder,
    label,
    host,
  );
  const sample = arm.curriculum === 'none' ? null : await drawSample(run, trunk, start);
  const stage = arm.objective === 'sft' ? 'baseline' : arm.objective;
  const weak =
    stage === 'joint'
      ? isHistorical
        ? weakAgent(run)
        : startOf(starts, arm.weak).model
      : stage === 'undial'
        ? start.model
        : null;
  const trained = await trainingStage(run, {
    stage,
    strong: start.model,
    weak,
    data: { ...trunk.data, heldOut: [] },
    joint: { steps: arm.steps ?? study.steps },
    ...(sample && { sample }),
  });
  const { model } = trained;
  return {
    run,
    model,
    entropies: async () => [
      (await start.entropies()).at(-1)!,
      await entropyStage(run, 'entropy-1', model, trunk.data),
    ],
  };
}

async function drawSample(run: RunSettings, trunk: Trunk, start: Start): Promise<Int32Array> {
  const [before, after] = (await start.entropies()) as [string, string];
  const between = run.config.curriculum.scheme === 'brownboost';
  const middle = between
    ? [
        await entropyStage(
          run,
          'entropy-middle',
          middleCheckpoint(trunk.run, trunk.sft),
          trunk.data,
        ),
      ]
    : [];
  return curriculumStage(run, [before, ...middle, after]);
}

function startOf(starts: ReadonlyMap<string, Start>, name: string): Start {
  const found = starts.get(name);
  if (found) return found;
  const message = `The study names the model ${name}, which is not trained before the arm that needs it.`;
  throw new StudioError('config-invalid', message, 'Put its arm first in the block.');
}
