/**
 * Models evaluated on one data file for a comparison: each with its own tokenizer, all with the same
 * limits, greedy answers. The same measure as a run's evaluate stage.
 */
import { runConfigSchema } from '../contract/config.ts';
import { readModelConfig } from '../engine/checkpoint/model-config.ts';
import type { EvaluatedModel } from '../engine/compare/compared-answers.ts';
import type { FoundModel } from '../engine/compare/compared-model.ts';
import { sourceOf } from '../engine/compare/compared-model.ts';
import { buildExamples } from '../engine/data/build-examples.ts';
import { evaluateHeldOut } from '../engine/eval/held-out.ts';
import { choosePlacement } from '../engine/runtime/placement.ts';
import { loadTokenizer } from '../engine/tokenizer/tokenizer.ts';
import { choosePrecision } from '../engine/train/precision.ts';

export async function evaluateOnData(
  found: readonly FoundModel[],
  file: string,
  onProgress: (what: string, done: number, total: number) => Promise<void>,
): Promise<EvaluatedModel[]> {
  const evaluated: EvaluatedModel[] = [];
  for (const one of found) {
    const { label } = one.model;
    const source = sourceOf(one);
    const own = one.run?.config ?? found.find(({ run }) => run !== null)?.run?.config;
    const config = runConfigSchema.parse({
      model: source.base,
      data: { file, systemPrompt: own?.data.systemPrompt ?? null },
      ...(own && { batch: own.batch, precision: own.precision, evaluation: own.evaluation }),
    });
    const modelConfig = readModelConfig(source.base);
    const tokenizer = loadTokenizer(source.base);
    const { examples } = await buildExamples({
      data: config.data,
      tokenizer,
      vocabularySize: modelConfig.vocabularySize,
      maxLength: config.batch.maxLength,
      lossOn: 'completion',
      form: 'training',
    });
    const { result, items } = await evaluateHeldOut({
      name: label,
      source,
      heldOut: examples,
      tokenizer,
      maxNewTokens: config.evaluation.maxNewTokens,
      batch: config.batch,
      precision: choosePrecision(config.precision, modelConfig, null, 'cpu'),
      placement: choosePlacement('cpu'),
      onProgress: (done, total) => onProgress(`answers of ${label}`, done, total),
    });
    const { loss, entropy } = result;
    evaluated.push({ label, loss, ...(entropy !== undefined && { entropy }), items });
  }
  return evaluated;
}
