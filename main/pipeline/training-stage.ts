/**
 * One training stage of the method. `sft` and `baseline` draw the data in shuffled epochs; `joint`
 * takes the curriculum's sample in the order in which it was drawn, and the weak agent with it.
 */
import { join } from 'node:path';
import { neftuneSchema, undialSchema, type RunConfig } from '../contract/config.ts';
import type { StageName } from '../contract/events.ts';
import { planWindows, readOrderFile, type Windows } from '../engine/data/windows.ts';
import type { ModelSource } from '../engine/train/model-source.ts';
import type { Objective } from '../engine/train/objective.ts';
import { trainStage } from '../engine/train/train-stage.ts';
import type { RunData } from './examples-stage.ts';
import { hashJson } from './hash.ts';
import { modelFingerprint } from './model-fingerprint.ts';
import type { RunSettings } from './run-settings.ts';
import { runStage } from './stage.ts';
import { weakCacheChoice } from './weak-cache.ts';

/** Trainings that joint training is compared with: from the same model, for as many steps. */
const baselines = ['baseline', 'neftune', 'undial'] as const;
export type Baseline = (typeof baselines)[number];

/** Those that the config asks for. */
export function wantedBaselines(config: RunConfig): Baseline[] {
  return baselines.filter((name) => config[name]);
}

export interface TrainingRequest {
  stage: 'sft' | 'joint' | Baseline;
  strong: ModelSource;
  /** joint: the weak agent; undial: the teacher; else null. */
  weak: ModelSource | null;
  data: RunData;
  /** The curriculum's sample, of joint training or of a baseline that has one. */
  sample?: Int32Array;
  /** A baseline beside joint training: the stage whose number of steps it takes. */
  joint?: Pick<TrainedModel, 'steps'>;
}

export interface TrainedModel {
  stage: StageName;
  steps: number;
  model: ModelSource;
}

interface TrainingArtifact {
  /** Relative to the run's folder. */
  checkpoint: string;
  steps: number;
  finalLoss: number | null;
}

const titles = {
  sft: 'Supervised fine-tuning',
  joint: 'Joint training of weak and strong model',
  baseline: 'Plain SFT continued for as many steps',
  neftune: 'NEFTune: SFT with noise on the embeddings',
  undial: 'UNDIAL: distillation with the target logit lowered',
};

function objectiveOf(config: RunConfig, stage: TrainingRequest['stage']): Objective {
  if (stage === 'joint') return { kind: 'joint', lambda: config.joint.lambda };
  if (stage === 'neftune') return { kind: 'neftune', ...neftuneSchema.parse(config.neftune ?? {}) };
  if (stage === 'undial') return { kind: 'undial', ...undialSchema.parse(config.undial ?? {}) };
  return { kind: 'sft' };
}

export async function trainingStage(
  run: RunSettings,
  request: TrainingRequest,
): Promise<TrainedModel> {
  const { config, context } = run;
  const { stage, strong, weak, data } = request;
  const { runFolder } = context;
  const windows = windowsOf(run, request);
  const objective = objectiveOf(config, stage);
  const frozen = stage === 'undial' || config.joint.freezeWeak;
  const { joint, optimizer, schedule, batch, lora, seed } = config;
  const artifact = await runStage<TrainingArtifact>({
    name: stage,
    title: titles[stage],
    stagesFolder: run.stagesFolder,
    emit: context.emit,
    inputs: {
      data: data.hash,
      strong: modelFingerprint(strong),
      weak: weak && {
        model: modelFingerprint(weak),
        lambda: joint.lambda,
        frozen,
      },
      // Only where it is new: what earlier versions have finished stays valid.
      ...((stage === 'neftune' || stage === 'undial') && { objective }),
      sample: request.sample ? hashJson([...request.sample]) : null,
      steps: windows.steps,
      optimizer,
      schedule,
      batch,
      lora,
      seed,
      precision: run.precision,
    },
    run: async () => {
      const trained = await trainStage({
        stage,
        strong,
        objective,
        weak: weak && { source: weak, frozen },
        weakCache: weak && frozen ? weakCacheChoice(run, weak) : null,
        examples: data.examples,
        windows,
        probe: data.heldOut,
        text: {
          decode: (ids) => run.tokenizer.decode(ids),
          stopIds: run.modelConfig.eosTokenIds,
        },
        batch,
        optimizer,
        schedule,
        lora,
        precision: run.precision,
        placement: run.placement,
        memoryBytes: run.memoryBytes,
        seed,
        checkpointFolder: run.checkpointFolder(stage),
        checkpoints: config.checkpoints,
        alsoSaveAt: stage === 'sft' ? wantedCheckpoint(config.weak) : null,
        emit: context.emit,
        control: { ...context.control, ...context },
      });
      const { steps, finalLoss } = trained;
      const checkpoint = join('checkpoints', stage, `step-${steps}`);
      const loss = finalLoss === null ? '' : `, last loss ${finalLoss.toFixed(4)}`;
      const cached = trained.weakStates
        ? `; weak agent: ${trained.weakStates.computed} batches computed, ${trained.weakStates.found} from the cache`
        : '';
      const summary = `${steps} steps${loss}${cached}`;
      return { artifact: { checkpoint, steps, finalLoss }, summary };
    },
  });
  const folder = join(runFolder, artifact.checkpoint);
  const model = lora ? { base: strong.base, adapter: folder } : { base: folder, adapter: null };
  return { stage, steps: artifact.steps, model };
}

function windowsOf(run: RunSettings, { stage, data, sample, joint }: TrainingRequest): Windows {
  const { config } = run;
  const examplesPerWindow = config.batch.micro * config.batch.accumulation;
  if (config.data.order && !sample && !joint) {
    return readOrderFile(config.data.order, data.examples);
  }
  const all = Int32Array.from(data.examples, (_, index) => index);
  if (stage !== 'sft' && stage !== 'joint' && joint) {
    // Another seed than SFT's: its order would repeat what SFT has just seen.
    const seed = config.seed + 1;
    return planWindows({
      indices: sample ?? all,
      seed,
      steps: joint.steps,
      examplesPerWindow,
      shuffle: sample === undefined,
    });
  }
  const duration = stage === 'joint' ? config.joint : config.sft;
  return planWindows({
    indices: sample ?? all,
    seed: config.seed,
    ...(duration.steps ? { steps: duration.steps } : { epochs: duration.epochs ?? 1 }),
    examplesPerWindow,
    shuffle: sample === undefined,
  });
}

/** The step that `weak: checkpoint:N` names: SFT leaves a checkpoint there, and keeps it. */
function wantedCheckpoint(weak: string): number | null {
  const step = /^checkpoint:(\d+)$/.exec(weak)?.[1];
  return step === undefined ? null : Number(step);
}
