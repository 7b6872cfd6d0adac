/** One example through one model: a row of numbers for each of its answer tokens. */
import type { Example } from '../../main/engine/data/example.ts';
import { readModelConfig } from '../../main/engine/checkpoint/model-config.ts';
import { describeRuntime } from '../../main/engine/runtime/describe-runtime.ts';
import { choosePlacement } from '../../main/engine/runtime/placement.ts';
import { loadTensorFlow } from '../../main/engine/runtime/tensorflow.ts';
import { planBatches, shapeOf } from '../../main/engine/train/batch-plan.ts';
import { shapeName } from '../../main/engine/train/batch-shape.ts';
import { measureFeeds } from '../../main/engine/train/feeds.ts';
import { openMeasuring } from '../../main/engine/train/measure-session.ts';
import type { ModelSource } from '../../main/engine/train/model-source.ts';
import { choosePrecision } from '../../main/engine/train/precision.ts';

export interface MeasuredExample {
  /** `[targets, width]`, in the order of the answer tokens. */
  values: Float32Array;
  targets: number;
  width: number;
  /** The answer tokens' ids. */
  labels: Int32Array;
}

/** `logits`: width is the vocabulary's size; `measure`: the measure columns of engine/loss. */
export async function measureExample(
  source: ModelSource,
  example: Example,
  kind: 'logits' | 'measure',
): Promise<MeasuredExample> {
  loadTensorFlow();
  const { gpu } = describeRuntime();
  const device = gpu !== null && !('refused' in gpu) ? 'gpu' : 'cpu';
  const config = readModelConfig(source.base);
  const precisionWanted = { weights: 'auto', compute: 'auto' } as const;
  const batch = { micro: 1, accumulation: 1, maxLength: example.ids.length, packing: false };
  const plan = planBatches([example], { steps: 1, at: () => [0] }, batch);
  const { session } = await openMeasuring({
    source,
    precision: choosePrecision(precisionWanted, config, null, device),
    placement: choosePlacement(device),
    measureShapes: kind === 'measure' ? plan.shapes : [],
    logitsShapes: kind === 'logits' ? plan.shapes : [],
  });
  try {
    const [part] = plan.batchesAt(0);
    if (part === undefined) throw new Error('An example makes one batch.');
    const outputs = session.call(`${kind}:${shapeName(shapeOf(part))}`, measureFeeds(part));
    const all = outputs[kind === 'logits' ? 'logits' : 'metrics'];
    if (all === undefined) throw new Error(`The program has no ${kind}.`);
    const width = all.length / part.labels.length;
    return {
      values: Float32Array.from(all.subarray(0, part.targets * width)),
      targets: part.targets,
      width,
      labels: part.labels.slice(0, part.targets),
    };
  } finally {
    session.close();
  }
}
