/** One training sample of a run, with the entropy of each answer token under the base and under m1. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SampleInspection } from '../../main/contract/inspection.ts';
import { StudioError } from '../../main/contract/errors.ts';
import { measuredPositions } from '../../main/engine/data/batch.ts';
import { buildExamples } from '../../main/engine/data/build-examples.ts';
import type { Example } from '../../main/engine/data/example.ts';
import { measureColumns } from '../../main/engine/loss/measure.ts';
import { loadTokenizer } from '../../main/engine/tokenizer/tokenizer.ts';
import type { ModelSource } from '../../main/engine/train/model-source.ts';
import { modelSource } from '../../main/engine/train/model-source.ts';
import { readRunConfig } from '../../main/host/run-store.ts';
import { previewTokens } from './data-preview.ts';
import { measureExample } from './measure-example.ts';

interface SampleInput {
  runFolder: string;
  /** In the order of the run's entropies. */
  index: number;
}

export async function inspectSample({ runFolder, index }: SampleInput): Promise<SampleInspection> {
  const config = readRunConfig(runFolder);
  const base = modelSource(config.model);
  const tokenizer = loadTokenizer(base.base);
  const { examples } = await buildExamples({
    data: config.data,
    tokenizer,
    maxLength: config.batch.maxLength,
    lossOn: config.lossOn,
  });
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

async function entropies(source: ModelSource, example: Example): Promise<number[]> {
  const { values, targets, width } = await measureExample(source, example, 'measure');
  const column = measureColumns.indexOf('entropy');
  return Array.from({ length: targets }, (_, row) => values[row * width + column] ?? NaN);
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
