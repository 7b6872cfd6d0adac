/** One training sample of a run, with the entropy of each answer token under the base and under m1. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig } from '../../main/contract/config.ts';
import type { SampleInspection } from '../../main/contract/inspection.ts';
import { StudioError } from '../../main/contract/errors.ts';
import { measuredPositions, padBatch } from '../../main/engine/data/batch.ts';
import { buildExamples } from '../../main/engine/data/build-examples.ts';
import type { Example } from '../../main/engine/data/example.ts';
import { measureColumns } from '../../main/engine/loss/measure.ts';
import { shapeOf } from '../../main/engine/train/batch-plan.ts';
import { shapeName } from '../../main/engine/train/batch-shape.ts';
import { measureFeeds } from '../../main/engine/train/feeds.ts';
import { loadTokenizer } from '../../main/engine/tokenizer/tokenizer.ts';
import type { Tokenizer } from '../../main/engine/tokenizer/tokenizer.ts';
import type { ModelSource } from '../../main/engine/train/model-source.ts';
import { modelSource } from '../../main/engine/train/model-source.ts';
import { readRunConfig } from '../../main/host/run-store.ts';
import { previewTokens } from './data-preview.ts';
import { withModel } from './open-models.ts';

interface SampleInput {
  runFolder: string;
  /** In the order of the run's entropies. */
  index: number;
}

export async function inspectSample({ runFolder, index }: SampleInput): Promise<SampleInspection> {
  const config = readRunConfig(runFolder);
  const base = modelSource(config.model);
  const tokenizer = loadTokenizer(base.base);
  const examples = await examplesOf(config, tokenizer);
  const example = examples[index];
  if (example === undefined) {
    throw new StudioError(
      'data-invalid',
      `${config.data.file} has no sample ${index + 1} any more.`,
      'The file was changed after the run; restore it to look at its samples.',
    );
  }
  const [before, after] = [
    await entropies(base, example),
    await entropies(trained(runFolder, base), example),
  ];
  const answer = measuredPositions(example, 'predicting');
  const tokens: SampleInspection['tokens'] = previewTokens(example, tokenizer);
  answer.forEach((position, row) => {
    const token = tokens[position + 1];
    if (token === undefined) return;
    token.entropy0 = before[row] ?? NaN;
    token.entropy1 = after[row] ?? NaN;
  });
  return { index, id: example.id, tokens };
}

/** The last ones read: whoever looks at one sample looks at the next. */
let last: { key: string; examples: Example[] } | null = null;

async function examplesOf(config: RunConfig, tokenizer: Tokenizer): Promise<Example[]> {
  const { data, batch, lossOn } = config;
  const { mtimeMs, size } = statSync(data.file, { throwIfNoEntry: false }) ?? {};
  const key = JSON.stringify([data, batch.maxLength, lossOn, tokenizer.hash, mtimeMs, size]);
  if (last?.key === key) return last.examples;
  const { examples } = await buildExamples({ data, tokenizer, maxLength: batch.maxLength, lossOn });
  last = { key, examples };
  return examples;
}

function entropies(source: ModelSource, example: Example): Promise<number[]> {
  return withModel(source, example.ids.length, ({ session, length }) => {
    const batch = padBatch([{ example, index: 0 }], length);
    const { metrics } = session.call(`measure:${shapeName(shapeOf(batch))}`, measureFeeds(batch));
    const column = measureColumns.indexOf('entropy');
    const valueAt = (row: number) => metrics?.[row * measureColumns.length + column] ?? NaN;
    return Array.from({ length: batch.targets }, (_, row) => valueAt(row));
  });
}

/** m1: the last checkpoint of SFT, as the stage recorded it. */
function trained(runFolder: string, base: ModelSource): ModelSource {
  const path = join(runFolder, 'stages', 'sft', 'stage.json');
  if (!existsSync(path)) {
    throw new StudioError('run-invalid', 'This run has no m1 yet.', 'Wait for SFT to finish.');
  }
  const { artifact } = JSON.parse(readFileSync(path, 'utf8')) as {
    artifact: { checkpoint: string };
  };
  return modelSource(join(runFolder, artifact.checkpoint), base.base);
}
