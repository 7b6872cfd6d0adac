/**
 * The entropy pass as a benchmark step: one batch of random tokens, or a set of examples of realistic
 * lengths (length-mix.ts), batched as runs batch it: sorted, packed into rows, the head on answer tokens
 * alone. peer_step.py draws the same examples, sorts them, pads each batch to its longest and applies
 * the head to answer tokens alone, too.
 */
import type { Batch } from '../data/batch.ts';
import type { Placement } from '../graph/library.ts';
import { openSession } from '../graph/session.ts';
import { measureColumns } from '../loss/measure.ts';
import { shapeOf } from '../train/batch-plan.ts';
import { shapeName, type BatchShape } from '../train/batch-shape.ts';
import { measureFeeds } from '../train/feeds.ts';
import { planMeasuring } from '../train/measure-plan.ts';
import { buildMeasureProgram } from '../train/measure-program.ts';
import { precisionOf, qwen3ConfigOf, type BenchConfig } from './bench-config.ts';
import { lengthMix, longestExample } from './length-mix.ts';
import type { Prepared } from './prepared-step.ts';

export function prepareEntropy(
  bench: BenchConfig,
  placement: Placement,
  batch: Batch,
): Promise<Prepared> {
  return prepareBatches(bench, placement, [shapeOf(batch)], [batch]);
}

/** One step is the whole set; `batch` is the rows of the longest length that a call may hold. */
export async function prepareEntropySet(
  bench: BenchConfig,
  placement: Placement,
): Promise<Prepared> {
  const examples = lengthMix(bench.examples, bench.model.vocab_size, bench.seed);
  const batch = { micro: bench.batch, accumulation: 1, maxLength: longestExample, packing: true };
  const plan = planMeasuring(examples, batch, 'predicting');
  const batches = [...plan.batches()];
  const tokens = examples.reduce((total, { ids }) => total + ids.length, 0);
  return { ...(await prepareBatches(bench, placement, plan.shapes, batches)), tokens };
}

async function prepareBatches(
  bench: BenchConfig,
  placement: Placement,
  measureShapes: readonly BatchShape[],
  batches: readonly Batch[],
): Promise<Prepared> {
  const { weights, compute } = precisionOf(bench);
  const { program, model } = buildMeasureProgram({
    config: qwen3ConfigOf(bench),
    mode: { trained: 'nothing', weights, lora: null },
    compute,
    placement,
    measureShapes,
    logitsShapes: [],
  });
  const session = await openSession(program);
  const column = measureColumns.indexOf('entropy');
  const targets = batches.reduce((total, each) => total + each.targets, 0);
  const step = (): number => {
    const sums = batches.map((batch) => {
      const { metrics } = session.call(`measure:${shapeName(shapeOf(batch))}`, measureFeeds(batch));
      return batch.targets * meanOfColumn(metrics as Float32Array, column, batch);
    });
    return sums.reduce((sum, each) => sum + each, 0) / targets;
  };
  return { session, models: [model], step };
}

/** Over the target rows of metrics `[labels, columns]`. */
export function meanOfColumn(metrics: Float32Array, column: number, batch: Batch): number {
  const columns = metrics.length / batch.labels.length;
  let sum = 0;
  for (let row = 0; row < batch.targets; row++) sum += metrics[row * columns + column]!;
  return sum / batch.targets;
}
