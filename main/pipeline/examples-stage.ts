/**
 * Data -> examples: token ids with the mask of the answer tokens, for training, and where it differs
 * for the reference's entropy alignment; plus the held-out ones. Kept as JSON lines, so that every
 * later stage and every resume sees the very same tokens.
 */
import { writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataConfig } from '../contract/config.ts';
import { buildExamples, type BuildOptions } from '../engine/data/build-examples.ts';
import type { Example } from '../engine/data/example.ts';
import { hashFile } from './hash.ts';
import type { RunSettings } from './run-settings.ts';
import { runStage } from './stage.ts';
import { hashModels } from './model-files.ts';
import { modelFingerprint } from './model-fingerprint.ts';
import { writeJsonAtomic } from './atomic-file.ts';

export interface RunData {
  examples: Example[];
  /** What the entropy pass measures: the training examples, or the reference's form of them. */
  entropyExamples: Example[];
  heldOut: Example[];
  /** Changes when any of them does. */
  hash: string;
}

interface ExamplesArtifact {
  training: string;
  entropy: string;
  heldOut: string | null;
}

export async function examplesStage(run: RunSettings): Promise<RunData> {
  const { config, context } = run;
  const { data, evaluation, curriculum, lossOn, batch } = config;
  const isReference = curriculum.entropyAlignment === 'reference';
  const folder = join(run.stagesFolder, 'examples');
  const artifact = await runStage<ExamplesArtifact>({
    name: 'examples',
    title: 'Reading and tokenising the data',
    stagesFolder: run.stagesFolder,
    emit: context.emit,
    inputs: {
      file: await hashFile(data.file),
      heldOut: evaluation.heldOut ? await hashFile(evaluation.heldOut) : null,
      model: modelFingerprint({ base: run.base.base, adapter: null }),
      data,
      lossOn,
      isReference,
      maxLength: batch.maxLength,
      limit: evaluation.limit ?? null,
    },
    run: async () => {
      const build = async (from: DataConfig, file: string, form: BuildOptions['form']) => {
        const { examples, report } = await buildExamples({
          data: from,
          tokenizer: run.tokenizer,
          vocabularySize: run.modelConfig.vocabularySize,
          maxLength: batch.maxLength,
          lossOn,
          ...(form && { form }),
          onProgress: ({ rows, fraction }) =>
            context.emit({
              kind: 'stage-progress',
              stage: 'examples',
              done: rows,
              total: fraction ? Math.round(rows / fraction) : rows,
              unit: 'rows',
            }),
        });
        writeFileSync(join(folder, file), examples.map(exampleLine).join(''));
        return { examples, report };
      };
      const training = await build(data, 'training.jsonl', 'training');
      const { report } = training;
      for (const message of report.warnings) {
        context.emit({ kind: 'warning', code: 'data', message });
      }
      writeJsonAtomic(join(folder, 'report.json'), report);
      const weak = /^(base|checkpoint:\d+)$/.test(config.weak) ? null : config.weak;
      writeJsonAtomic(join(folder, 'models.json'), await hashModels(run.base, weak));
      if (isReference) await build(data, 'entropy.jsonl', 'first-exchange');
      if (evaluation.heldOut) {
        const { order: _order, limit: _limit, ...rest } = data;
        const limit = evaluation.limit;
        const heldOut = { ...rest, file: evaluation.heldOut, ...(limit && { limit }) };
        await build(heldOut, 'held-out.jsonl', 'training');
      }
      const truncated = report.truncated > 0 ? `, ${report.truncated} truncated` : '';
      return {
        artifact: {
          training: 'training.jsonl',
          entropy: isReference ? 'entropy.jsonl' : 'training.jsonl',
          heldOut: evaluation.heldOut ? 'held-out.jsonl' : null,
        },
        summary: `${report.kept} examples, ${report.answerTokens} answer tokens${truncated}`,
      };
    },
  });
  const read = (file: string): Example[] => readExamples(join(folder, file));
  const examples = read(artifact.training);
  return {
    examples,
    entropyExamples: artifact.entropy === artifact.training ? examples : read(artifact.entropy),
    heldOut: artifact.heldOut ? read(artifact.heldOut) : [],
    hash: await hashFile(join(folder, 'stage.json')),
  };
}

function exampleLine(example: Example): string {
  const { ids, completionMask, ...rest } = example;
  return `${JSON.stringify({ ...rest, ids: [...ids], completionMask: completionMask.join('') })}\n`;
}

function readExamples(path: string): Example[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => {
    const { ids, completionMask, ...rest } = JSON.parse(line) as Omit<
      Example,
      'ids' | 'completionMask'
    > & { ids: number[]; completionMask: string };
    return {
      ...rest,
      ids: Int32Array.from(ids),
      completionMask: Uint8Array.from(completionMask, Number),
    };
  });
}
