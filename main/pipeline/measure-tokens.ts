/** One forward pass of a model over the rows of a data file: margin and loss of every answer token. */
import type { RunConfig } from '../contract/config.ts';
import { readModelConfig } from '../engine/checkpoint/model-config.ts';
import type { MeasuredTokens } from '../engine/compare/token-spread.ts';
import { tokenSpread } from '../engine/compare/token-spread.ts';
import { buildExamples } from '../engine/data/build-examples.ts';
import { deviceKind } from '../engine/runtime/device-kind.ts';
import { choosePlacement } from '../engine/runtime/placement.ts';
import { loadTensorFlow } from '../engine/runtime/tensorflow.ts';
import { loadTokenizer } from '../engine/tokenizer/tokenizer.ts';
import { measureExamples } from '../engine/train/measure-examples.ts';
import type { ModelSource } from '../engine/train/model-source.ts';
import { choosePrecision } from '../engine/train/precision.ts';

/** Rows are read and encoded as for training. @param onBatch throw to stop */
export async function measureTokens(
  source: ModelSource,
  { data, batch, precision }: Pick<RunConfig, 'data' | 'batch' | 'precision'>,
  onBatch: (done: number, total: number) => Promise<void>,
): Promise<MeasuredTokens> {
  const modelConfig = readModelConfig(source.base);
  const { examples } = await buildExamples({
    data,
    tokenizer: loadTokenizer(source.base),
    vocabularySize: modelConfig.vocabularySize,
    maxLength: batch.maxLength,
    lossOn: 'completion',
    form: 'training',
  });
  loadTensorFlow();
  const device = deviceKind();
  const margins: number[] = [];
  const losses: number[] = [];
  await measureExamples({
    source,
    examples,
    alignment: 'predicting',
    batch,
    precision: choosePrecision(precision, modelConfig, null, device),
    placement: choosePlacement(device),
    onBatch,
    onToken({ margin, loss }) {
      margins.push(margin);
      losses.push(loss);
    },
  });
  return tokenSpread(margins, losses);
}
