/** Rows of a data file for a compared model: encoded as for training, with the model's own tokenizer. */
import type { BatchConfig, RunConfig } from '../contract/config.ts';
import { readModelConfig } from '../engine/checkpoint/model-config.ts';
import { buildExamples } from '../engine/data/build-examples.ts';
import type { Example } from '../engine/data/example.ts';
import type { Placement } from '../engine/graph/library.ts';
import { deviceKind } from '../engine/runtime/device-kind.ts';
import { choosePlacement } from '../engine/runtime/placement.ts';
import { loadTensorFlow } from '../engine/runtime/tensorflow.ts';
import type { Tokenizer } from '../engine/tokenizer/tokenizer.ts';
import { loadTokenizer } from '../engine/tokenizer/tokenizer.ts';
import type { ModelSource } from '../engine/train/model-source.ts';
import type { Precision } from '../engine/train/precision.ts';
import { choosePrecision } from '../engine/train/precision.ts';

export interface ComparedRows {
  source: ModelSource;
  examples: Example[];
  tokenizer: Tokenizer;
  batch: BatchConfig;
  precision: Precision;
  placement: Placement;
}

/** @throws what reading the file, template and tokenizer throw */
export async function comparedRows(
  source: ModelSource,
  { data, batch, precision }: Pick<RunConfig, 'data' | 'batch' | 'precision'>,
): Promise<ComparedRows> {
  const modelConfig = readModelConfig(source.base);
  const tokenizer = loadTokenizer(source.base);
  const { examples } = await buildExamples({
    data,
    tokenizer,
    vocabularySize: modelConfig.vocabularySize,
    maxLength: batch.maxLength,
    lossOn: 'completion',
    form: 'training',
  });
  loadTensorFlow();
  const device = deviceKind();
  return {
    source,
    examples,
    tokenizer,
    batch,
    precision: choosePrecision(precision, modelConfig, null, device),
    placement: choosePlacement(device),
  };
}
