/**
 * Models evaluated on one data file for a comparison: each with its own tokenizer, all with the same
 * limits, greedy answers. The same measure as a run's evaluate stage.
 */
import { runConfigSchema } from '../contract/config.ts';
import type { EvaluatedModel } from '../engine/compare/compared-answers.ts';
import type { FoundModel } from '../engine/compare/compared-model.ts';
import { sourceOf } from '../engine/compare/compared-model.ts';
import { evaluateHeldOut } from '../engine/eval/held-out.ts';
import { comparedRows } from './compared-rows.ts';

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
    const { examples, ...rows } = await comparedRows(source, config);
    const { result, items } = await evaluateHeldOut({
      ...rows,
      name: label,
      heldOut: examples,
      maxNewTokens: config.evaluation.maxNewTokens,
      onProgress: (done, total) => onProgress(`answers of ${label}`, done, total),
    });
    const { loss, entropy } = result;
    evaluated.push({ label, loss, ...(entropy !== undefined && { entropy }), items });
  }
  return evaluated;
}
