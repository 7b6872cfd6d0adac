/**
 * The training loop of one stage: SFT, joint training (WD-JT) or a baseline. Between two steps it
 * answers the user's wishes; every `everySteps` it leaves a checkpoint, and the kept ones are the
 * historical checkpoints that can become weak agents. The order of the data is a function of the
 * step, so step number, weights and moments are all the state there is.
 */
import { join } from 'node:path';
import type {
  BatchConfig,
  LoraConfig,
  OptimizerConfig,
  ScheduleConfig,
} from '../../contract/config.ts';
import { StudioError } from '../../contract/errors.ts';
import type { Emit, StageName } from '../../contract/events.ts';
import { saveCheckpoint } from '../checkpoint/checkpoint-folder.ts';
import {
  cleanTemporary,
  newestCheckpoint,
  removeOldCheckpoints,
} from '../checkpoint/checkpoint-history.ts';
import type { Batch } from '../data/batch.ts';
import type { Example } from '../data/example.ts';
import type { Windows } from '../data/windows.ts';
import type { Placement } from '../graph/library.ts';
import type { LoadProgress } from '../model/weights.ts';
import { noiseMagnitudes } from '../model/embedding-noise.ts';
import { learningRateAt } from '../optim/schedule.ts';
import { planBatches } from './batch-plan.ts';
import { heldOutProbe, type Probe } from './held-out-probe.ts';
import type { ModelSource } from './model-source.ts';
import { lossScalar, type Objective } from './objective.ts';
import { optimizerStep } from './optimizer-step.ts';
import type { Precision } from './precision.ts';
import { trainingSamples, type SampleText } from './training-samples.ts';
import { openTraining, type OpenTraining } from './training-session.ts';
import { openWeakCache, type WeakCache, type WeakCacheChoice } from './weak-cache.ts';
import { checkpointBytes, restoreTraining, writeModel, writeOptimizer } from './training-state.ts';

/** The user's wishes, asked between two steps. */
export interface TrainingControl {
  stopRequested(): boolean;
  pauseRequested(): boolean;
  cancelRequested(): boolean;
  checkpointRequested(): boolean;
  breathe(): Promise<void>;
  /** Takes back the events of steps after `step`: they will be made again. */
  rewind(stage: StageName, step: number): void;
  flushEvents(): void;
}

export interface StageTraining {
  stage: StageName;
  strong: ModelSource;
  objective: Objective;
  /** joint: the weak agent; undial: the teacher, frozen; else null. */
  weak: { source: ModelSource; frozen: boolean } | null;
  /** null: a weak model takes part in every step. */
  weakCache: WeakCacheChoice | null;
  examples: readonly Example[];
  windows: Windows;
  /** Held-out examples that a checkpoint's loss and entropy are measured on; may be empty. */
  probe: readonly Example[];
  /** For the answers that it is asked for at a checkpoint. */
  text: SampleText;
  batch: BatchConfig;
  optimizer: OptimizerConfig;
  schedule: ScheduleConfig;
  lora: LoraConfig | null;
  precision: Precision;
  placement: Placement;
  /** Of the device: decides whether the backward pass computes its layers again. */
  memoryBytes: number;
  seed: number;
  /** Where `step-N` folders go. */
  checkpointFolder: string;
  checkpoints: { everySteps: number; keep: number };
  /** A step whose checkpoint is wanted as a weak agent: saved, and never removed. */
  alsoSaveAt: number | null;
  emit: Emit;
  control: TrainingControl;
}

export interface TrainedStage {
  /** The checkpoint after the last step. */
  folder: string;
  steps: number;
  finalLoss: number | null;
  /** What the weak cache had and what was computed for it; null where it was not used. */
  weakStates: { computed: number; found: number } | null;
}

export async function trainStage(options: StageTraining): Promise<TrainedStage> {
  const { stage, emit, control, windows, checkpointFolder: parent } = options;
  const { steps } = windows;
  cleanTemporary(parent);
  const { newest, skipped } = newestCheckpoint(parent);
  for (const { path, reason } of skipped) {
    emit({ kind: 'warning', code: 'checkpoint-skipped', message: `${path}: ${reason}` });
  }
  let step = newest?.step ?? 0;
  control.rewind(stage, step);
  if (newest && step >= steps) {
    return { folder: newest.path, steps, finalLoss: lossOf(newest), weakStates: null };
  }

  const plan = planBatches(options.examples, windows, options.batch);
  const probe = heldOutProbe(options.probe, options.batch);
  const written = trainingSamples(options.probe, options.text);
  const cache = await openWeakCache(options, plan, step);
  const training = await openTraining({
    ...options,
    weak: options.weak && { ...options.weak, cached: cache !== null },
    shapes: plan.shapes,
    measureShapes: probe.shapes,
    logitsShapes: written.shape ? [written.shape] : [],
    onProgress: loadProgress(stage, emit),
  });
  try {
    if (newest) restoreTraining(training, newest.path);
    const started = { time: performance.now(), step };
    let finalLoss: number | null = null;
    let folder = newest?.path ?? '';
    while (step < steps) {
      await control.breathe();
      const begun = performance.now();
      const learningRate = learningRateAt(
        step,
        steps,
        options.optimizer.learningRate,
        options.schedule,
      );
      const result = optimizerStep(
        training.session,
        plan.batchesAt(step),
        step + 1,
        learningRate,
        stepSettings(options, training, step, cache),
      );
      step++;
      finalLoss = result.loss;
      const seconds = (performance.now() - begun) / 1000;
      emit({
        kind: 'step',
        stage,
        step,
        steps,
        learningRate,
        ...result,
        seconds,
        tokensPerSecond: result.tokens / seconds,
      });
      emit({
        kind: 'stage-progress',
        stage,
        done: step,
        total: steps,
        unit: 'steps',
        ...remainingSeconds(started, step, steps),
      });
      if (control.cancelRequested()) throw stopped(stage, step);
      const leaving = control.stopRequested() || control.pauseRequested();
      const due =
        step % options.checkpoints.everySteps === 0 ||
        step === steps ||
        step === options.alsoSaveAt;
      if (due || leaving || control.checkpointRequested()) {
        folder = save(options, training, probe, step, result.loss);
        for (const sample of written.write(training.session)) {
          emit({ kind: 'sample', stage, step, ...sample });
        }
      }
      if (leaving && step < steps) throw stopped(stage, step);
    }
    return { folder, steps, finalLoss, weakStates: cache && cache.counts };
  } finally {
    training.session.close();
  }
}

/** One event for each tenth of the weights. */
function loadProgress(stage: StageName, emit: Emit): LoadProgress {
  let reported = 0;
  return (done, total) => {
    if (done < reported + total / 10 && done < total) return;
    reported = done;
    emit({ kind: 'stage-progress', stage, done, total, unit: 'bytes loaded' });
  };
}

function stepSettings(
  options: StageTraining,
  { strong }: OpenTraining,
  step: number,
  cache: WeakCache | null,
) {
  const { objective, optimizer } = options;
  const { vocabularySize: vocabulary, hiddenSize } = strong.config;
  const dropout = (options.lora?.dropout ?? 0) > 0;
  /** No other micro-batch of the run has this key. */
  const keyOf = (index: number): Int32Array =>
    Int32Array.of(options.seed + step * 65_537, index * 31);
  return {
    optimizer,
    vocabulary,
    objective: objective.kind,
    lambda: lossScalar(objective),
    moreFeeds: (batch: Batch, index: number) => ({
      ...(cache && { weakStates: cache.states.read(batch) }),
      ...(dropout && { dropoutKey: keyOf(index) }),
      ...(objective.kind === 'neftune' && {
        noiseKey: keyOf(index),
        noiseMagnitudes: noiseMagnitudes(batch, objective.alpha, hiddenSize),
      }),
    }),
  };
}

function save(
  options: StageTraining,
  training: OpenTraining,
  probe: Probe,
  step: number,
  loss: number,
): string {
  const { stage, emit, control, checkpointFolder: parent } = options;
  const name = `step-${step}`;
  const measured = probe.measure(training.session);
  control.flushEvents();
  const { path, bytes, seconds } = saveCheckpoint(
    parent,
    name,
    (writer) => {
      writeModel(writer, training, options.strong, join(parent, name));
      writeOptimizer(writer, training);
      writer.writeJson('state.json', {
        stage,
        step,
        steps: options.windows.steps,
        seed: options.seed,
      });
    },
    {
      fields: { step, stage, loss, ...(measured && { heldOut: measured }) },
      expectedBytes: checkpointBytes(training),
    },
  );
  emit({ kind: 'checkpoint', stage, step, path, bytes, seconds });
  if (measured) {
    const { items, loss: heldOutLoss, entropy } = measured;
    const model = `${stage} step ${step}`;
    emit({ kind: 'evaluation', stage, result: { model, items, loss: heldOutLoss, entropy } });
  }
  const kept = options.alsoSaveAt === null ? [] : [`step-${options.alsoSaveAt}`];
  for (const removed of removeOldCheckpoints(parent, options.checkpoints.keep, kept)) {
    const removedStep = Number(/step-(\d+)$/.exec(removed)?.[1] ?? 0);
    emit({ kind: 'checkpoint-removed', stage, step: removedStep, path: removed });
  }
  return path;
}

function lossOf({ manifest }: { manifest: { fields: Record<string, unknown> } }): number | null {
  const { loss } = manifest.fields;
  return typeof loss === 'number' ? loss : null;
}

/** Seconds to go at the rate so far; the first step, which compiles, is not representative. */
function remainingSeconds(
  started: { time: number; step: number },
  step: number,
  steps: number,
): { remaining?: number } {
  const done = step - started.step;
  if (done < 2) return {};
  const perStep = (performance.now() - started.time) / 1000 / done;
  return { remaining: perStep * (steps - step) };
}

function stopped(stage: StageName, step: number): StudioError {
  return new StudioError(
    'stopped',
    `Stopped after step ${step} of ${stage}.`,
    'Resume continues from the last checkpoint.',
  );
}
