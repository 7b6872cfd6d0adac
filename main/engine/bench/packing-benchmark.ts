/**
 * Training on examples of realistic lengths (length-mix.ts) in three ways, in turn on one machine:
 * packed into rows, one example a row padded to the nearest bucket, one example a row padded to the
 * longest example. Every way computes the same updates; tokens are counted without padding.
 */
import type { OptimizerConfig } from '../../contract/config.ts';
import type { Batch } from '../data/batch.ts';
import type { Example } from '../data/example.ts';
import { packWindow } from '../data/packing.ts';
import { makeBuckets } from '../data/buckets.ts';
import { openSession } from '../graph/session.ts';
import { updateScalarsAt } from '../optim/adamw.ts';
import { choosePlacement } from '../runtime/placement.ts';
import { loadTensorFlow } from '../runtime/tensorflow.ts';
import { planBatches, shapeOf, type BatchPlan } from '../train/batch-plan.ts';
import { shapeName, type TrainingShape } from '../train/batch-shape.ts';
import { accumulateFeeds } from '../train/feeds.ts';
import { buildTrainingProgram } from '../train/training-program.ts';
import { precisionOf, qwen3ConfigOf, type BenchConfig } from './bench-config.ts';
import { lengthMix, longestExample } from './length-mix.ts';
import { median } from './median.ts';
import { deviceOf } from './prepared-step.ts';
import { loadRandomWeights } from './random-inputs.ts';

export interface PackingResult {
  way: 'packed' | 'padded to buckets' | 'padded to the longest';
  /** Share of the computed positions that hold a token. */
  filled: number;
  /** Medians over the windows, tokens of examples by seconds; processor time over all threads. */
  tokensPerSecond: number;
  tokensPerProcessorSecond: number;
}

const examplesPerWindow = 32;
const micro = 8;

const optimizer: OptimizerConfig = {
  learningRate: 1e-5,
  betas: [0.9, 0.999],
  epsilon: 1e-8,
  weightDecay: 0,
  maxGradNorm: 1,
};

/** `windows` optimizer steps of 32 examples each, after one that is not timed. */
export async function benchmarkPacking(
  bench: BenchConfig,
  windows: number,
): Promise<PackingResult[]> {
  const device = deviceOf(bench);
  loadTensorFlow(device);
  const config = qwen3ConfigOf(bench);
  const count = windows * examplesPerWindow;
  const examples = lengthMix(count, config.vocabularySize, bench.seed);
  const order = {
    steps: windows,
    at: (step: number) =>
      Array.from({ length: examplesPerWindow }, (_, index) => step * examplesPerWindow + index),
  };
  const batch = { micro, accumulation: examplesPerWindow / micro, maxLength: longestExample };
  const plans: [PackingResult['way'], BatchPlan][] = [
    ['packed', planBatches(examples, order, { ...batch, packing: true })],
    ['padded to buckets', planBatches(examples, order, { ...batch, packing: false })],
    ['padded to the longest', padToLongest(examples, order)],
  ];
  const shapes = mergedShapes(plans.map(([, plan]) => plan));
  const { weights, compute } = precisionOf(bench);
  const { program, strong } = buildTrainingProgram({
    config,
    strong: { trained: 'all', weights, lora: null },
    weak: null,
    compute,
    recompute: 'cheap',
    placement: choosePlacement(device),
    optimizer,
    objective: 'sft',
    shapes,
    measureShapes: [],
    logitsShapes: [],
  });
  const session = await openSession(program);
  loadRandomWeights(session, strong, bench.seed);
  session.zero('strong/moments');
  let update = 1;
  const step = (batches: readonly Batch[]): void => {
    const targets = batches.reduce((sum, each) => sum + each.targets, 0);
    batches.forEach((each, index) => {
      const how = index === 0 ? 'set' : 'add';
      const feeds = accumulateFeeds(each, 1 / targets, 1, config.vocabularySize);
      session.call(`${how}:${shapeName(shapeOf(each))}`, feeds);
    });
    session.call('apply', { ...updateScalarsAt(update++, bench.lr, 1, optimizer) });
  };
  const rates = plans.map((): { wall: number[]; processor: number[] } => ({
    wall: [],
    processor: [],
  }));
  // Every shape is compiled before anything is timed; then the ways take turns, window by window.
  for (const [, plan] of plans) for (let at = 0; at < windows; at++) step(plan.batchesAt(at));
  for (let at = 0; at < windows; at++) {
    plans.forEach(([, plan], index) => {
      const batches = plan.batchesAt(at);
      const tokens = batches.reduce((sum, each) => sum + each.tokens, 0);
      const used = process.cpuUsage();
      const start = performance.now();
      step(batches);
      rates[index]!.wall.push((tokens * 1000) / (performance.now() - start));
      const { user, system } = process.cpuUsage(used);
      rates[index]!.processor.push((tokens * 1e6) / (user + system));
    });
  }
  session.close();
  return plans.map(([way, plan], index) => ({
    way,
    filled: filledShare(plan, windows),
    tokensPerSecond: median(rates[index]!.wall),
    tokensPerProcessorSecond: median(rates[index]!.processor),
  }));
}

function padToLongest(
  examples: readonly Example[],
  order: { steps: number; at: (step: number) => number[] },
): BatchPlan {
  const buckets = makeBuckets([Math.max(...examples.map(({ ids }) => ids.length))], longestExample);
  const batchesAt = (step: number): Batch[] => {
    const placed = order.at(step).map((index) => ({ example: examples[index]!, index }));
    return packWindow(placed, { buckets, rowsPerBatch: micro, packing: false });
  };
  const shapes = Array.from({ length: order.steps }, (_, step) => batchesAt(step))
    .flat()
    .map((batch): TrainingShape => ({ ...shapeOf(batch), writes: ['set', 'add'] }));
  return { shapes, batchesAt };
}

function mergedShapes(plans: readonly BatchPlan[]): TrainingShape[] {
  const merged = new Map<string, TrainingShape>();
  for (const { shapes } of plans) {
    for (const shape of shapes) {
      const known = merged.get(shapeName(shape))?.writes ?? [];
      merged.set(shapeName(shape), {
        ...shape,
        writes: [...new Set([...known, ...shape.writes])],
      });
    }
  }
  return [...merged.values()];
}

function filledShare({ batchesAt }: BatchPlan, windows: number): number {
  let tokens = 0;
  let positions = 0;
  for (let at = 0; at < windows; at++) {
    for (const batch of batchesAt(at)) {
      tokens += batch.tokens;
      positions += batch.rows * batch.length;
    }
  }
  return tokens / positions;
}
