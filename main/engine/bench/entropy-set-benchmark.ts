/**
 * The entropy pass over a set of examples of realistic lengths (length-mix.ts), batched as runs batch it:
 * sorted, packed into rows, the head on answer tokens alone. peer_step.py draws the same examples, sorts
 * them, pads each batch to its longest and applies the head to answer tokens alone, too.
 */
import { openSession } from '../graph/session.ts';
import { measureColumns } from '../loss/measure.ts';
import { planBatches, shapeOf } from '../train/batch-plan.ts';
import { shapeName } from '../train/batch-shape.ts';
import { measureFeeds } from '../train/feeds.ts';
import { windowsByLength } from '../train/measure-examples.ts';
import { buildMeasureProgram } from '../train/measure-program.ts';
import { precisionOf, qwen3ConfigOf, type BenchConfig } from './bench-config.ts';
import { lengthMix, longestExample } from './length-mix.ts';
import { placementOf, type Prepared } from './prepared-step.ts';

/** One step is the whole set; `batch` is the rows of the longest length that a call may hold. */
export async function prepareEntropySet(bench: BenchConfig): Promise<Prepared> {
  const config = qwen3ConfigOf(bench);
  const { weights, compute } = precisionOf(bench);
  const examples = lengthMix(bench.examples, config.vocabularySize, bench.seed);
  const windows = windowsByLength(examples);
  const batch = { micro: bench.batch, accumulation: 1, maxLength: longestExample, packing: true };
  const plan = planBatches(examples, windows, batch);
  const { program, model } = buildMeasureProgram({
    config,
    mode: { trained: 'nothing', weights, lora: null },
    compute,
    placement: placementOf(bench.device),
    measureShapes: plan.shapes,
    logitsShapes: [],
  });
  const session = await openSession(program);
  const batches = Array.from({ length: windows.steps }, (_, step) => plan.batchesAt(step)).flat();
  const column = measureColumns.indexOf('entropy');
  const step = (): number => {
    let sum = 0;
    let targets = 0;
    for (const each of batches) {
      const { metrics } = session.call(`measure:${shapeName(shapeOf(each))}`, measureFeeds(each));
      for (let row = 0; row < each.targets; row++) {
        sum += metrics![row * measureColumns.length + column]!;
      }
      targets += each.targets;
    }
    return sum / targets;
  };
  const tokens = examples.reduce((total, { ids }) => total + ids.length, 0);
  return { session, models: [model], step, tokens };
}
