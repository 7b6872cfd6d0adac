/**
 * One forward pass over examples: for each, the sums over its answer tokens of cross-entropy, entropy
 * and hits of the most likely token. Examples of like length share a batch, so little is padded.
 */
import type { BatchConfig } from '../../contract/config.ts';
import type { Alignment } from '../data/batch.ts';
import type { Example } from '../data/example.ts';
import type { Windows } from '../data/windows.ts';
import type { Placement } from '../graph/library.ts';
import type { LoadProgress } from '../model/weights.ts';
import { measureColumns } from '../loss/measure.ts';
import { shapeName } from './batch-shape.ts';
import { planBatches, shapeOf } from './batch-plan.ts';
import { measureFeeds } from './feeds.ts';
import { openMeasuring } from './measure-session.ts';
import type { ModelSource } from './model-source.ts';
import type { Precision } from './precision.ts';

export interface ExampleMeasures {
  tokens: number;
  loss: number;
  entropy: number;
  margin: number;
  correct: number;
}

export interface MeasureOptions {
  source: ModelSource;
  examples: readonly Example[];
  alignment: Alignment;
  batch: BatchConfig;
  precision: Precision;
  placement: Placement;
  /** Between two batches; throw to stop. */
  onBatch: (doneExamples: number, total: number) => Promise<void>;
  onLoad?: LoadProgress;
  /** Every answer token, in the order in which batches are computed. */
  onToken?: (values: Record<(typeof measureColumns)[number], number>, example: number) => void;
}

const examplesPerWindow = 64;

/** All examples once, the longest first, 64 to a window. */
export function windowsByLength(examples: readonly Example[]): Pick<Windows, 'steps' | 'at'> {
  const order = examples
    .map((example, index) => ({ index, length: example.ids.length }))
    .sort((a, b) => b.length - a.length || a.index - b.index)
    .map(({ index }) => index);
  return {
    steps: Math.ceil(order.length / examplesPerWindow),
    at: (step) => order.slice(step * examplesPerWindow, (step + 1) * examplesPerWindow),
  };
}

export async function measureExamples(options: MeasureOptions): Promise<ExampleMeasures[]> {
  const { examples } = options;
  const windows = windowsByLength(examples);
  const plan = planBatches(examples, windows, options.batch, options.alignment);
  const { session } = await openMeasuring({
    source: options.source,
    precision: options.precision,
    placement: options.placement,
    measureShapes: plan.shapes,
    logitsShapes: [],
    ...(options.onLoad && { onProgress: options.onLoad }),
  });
  try {
    const results = examples.map((): ExampleMeasures => ({
      tokens: 0,
      loss: 0,
      entropy: 0,
      margin: 0,
      correct: 0,
    }));
    for (let step = 0; step < windows.steps; step++) {
      for (const batch of plan.batchesAt(step)) {
        const { metrics } = session.call(
          `measure:${shapeName(shapeOf(batch))}`,
          measureFeeds(batch),
        );
        for (let row = 0; row < batch.targets; row++) {
          const example = batch.targetExamples[row]!;
          const result = results[example]!;
          const at = row * measureColumns.length;
          const [loss, entropy, margin, correct] = metrics!.subarray(at, at + 4);
          const values = { loss: loss!, entropy: entropy!, margin: margin!, correct: correct! };
          result.tokens++;
          for (const name of measureColumns) result[name] += values[name];
          options.onToken?.(values, example);
        }
      }
      const done = Math.min(examples.length, (step + 1) * examplesPerWindow);
      await options.onBatch(done, examples.length);
    }
    return results;
  } finally {
    session.close();
  }
}
