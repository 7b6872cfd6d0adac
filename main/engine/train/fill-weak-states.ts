/**
 * Computes what the weak cache lacks for a stage, with nothing but the weak model in memory. Each batch
 * is kept as soon as it is there, so a stop or a crash loses one.
 */
import { readModelConfig } from '../checkpoint/model-config.ts';
import { checkModelWeights } from '../checkpoint/model-tensors.ts';
import { openModelWeights } from '../checkpoint/model-weights.ts';
import type { Batch } from '../data/batch.ts';
import type { Placement } from '../graph/library.ts';
import { openSession } from '../graph/session.ts';
import { loadAdapter } from '../model/adapter.ts';
import type { TrainingMode } from '../model/slots.ts';
import { loadWeights } from '../model/weights.ts';
import { shapeName, type BatchShape } from './batch-shape.ts';
import { shapeOf, type BatchPlan } from './batch-plan.ts';
import { measureFeeds } from './feeds.ts';
import type { ModelSource } from './model-source.ts';
import type { WeakStates } from './weak-states.ts';
import { buildWeakStatesProgram } from './weak-states-program.ts';

export interface FillOptions {
  source: ModelSource;
  mode: TrainingMode;
  compute: 'f32' | 'bf16';
  placement: Placement;
  plan: BatchPlan;
  /** Steps of the stage that are still to be made: from, to (exclusive). */
  steps: [number, number];
  onProgress: (done: number, total: number) => void;
  /** Between two batches: lets wishes in, and throws where the user wants to stop. */
  breathe: () => Promise<void>;
}

/** @returns how many batches were computed and how many were there */
export async function fillWeakStates(
  states: WeakStates,
  options: FillOptions,
): Promise<{ computed: number; found: number }> {
  const { source, plan, steps } = options;
  const missing: Batch[] = [];
  let found = 0;
  for (let step = steps[0]; step < steps[1]; step++) {
    for (const batch of plan.batchesAt(step)) {
      if (states.has(batch)) found++;
      else missing.push(batch);
    }
  }
  if (missing.length === 0) return { computed: 0, found };
  states.makeRoomFor(missing);

  const shapes = new Map<string, BatchShape>();
  for (const batch of missing) shapes.set(shapeName(shapeOf(batch)), shapeOf(batch));
  const { program, model } = buildWeakStatesProgram({
    config: readModelConfig(source.base),
    mode: options.mode,
    compute: options.compute,
    placement: options.placement,
    shapes: [...shapes.values()],
  });
  const session = await openSession(program);
  const weights = openModelWeights(source.base);
  try {
    checkModelWeights(model.config, weights);
    loadWeights(session, model, weights);
    if (source.adapter && model.mode.lora) loadAdapter(session, model, source.adapter);
    for (const [index, batch] of missing.entries()) {
      await options.breathe();
      const { words } = session.call(`states:${shapeName(shapeOf(batch))}`, measureFeeds(batch));
      states.write(batch, words!);
      options.onProgress(index + 1, missing.length);
    }
  } finally {
    weights.close();
    session.close();
  }
  return { computed: missing.length, found };
}
