/**
 * One forward pass over examples: for each, the sums over its answer tokens of cross-entropy, entropy
 * and hits of the most likely token.
 */
import type { BatchConfig } from '../../contract/config.ts';
import type { Alignment } from '../data/batch.ts';
import type { Example } from '../data/example.ts';
import type { Placement } from '../graph/library.ts';
import type { LoadProgress } from '../model/weights.ts';
import { measureColumns } from '../loss/measure.ts';
import { shapeName } from './batch-shape.ts';
import { shapeOf } from './batch-plan.ts';
import { measureFeeds } from './feeds.ts';
import { planMeasuring } from './measure-plan.ts';
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

export async function measureExamples(options: MeasureOptions): Promise<ExampleMeasures[]> {
  const { examples } = options;
  const plan = planMeasuring(examples, options.batch, options.alignment);
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
    let done = 0;
    for (const batch of plan.batches()) {
      const { metrics } = session.call(`measure:${shapeName(shapeOf(batch))}`, measureFeeds(batch));
      const measured = new Set<number>();
      for (let row = 0; row < batch.targets; row++) {
        const example = batch.targetExamples[row]!;
        measured.add(example);
        const result = results[example]!;
        const at = row * measureColumns.length;
        const [loss, entropy, margin, correct] = metrics!.subarray(at, at + 4);
        const values = { loss: loss!, entropy: entropy!, margin: margin!, correct: correct! };
        result.tokens++;
        for (const name of measureColumns) result[name] += values[name];
        options.onToken?.(values, example);
      }
      done += measured.size;
      await options.onBatch(done, examples.length);
    }
    return results;
  } finally {
    session.close();
  }
}
