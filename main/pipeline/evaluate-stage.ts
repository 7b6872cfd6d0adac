/**
 * Evaluates base, SFT, continued SFT and the weak-driven model on the held-out rows: mean loss and
 * entropy per answer token, and the exact-match accuracy of greedy answers. One file of items for
 * each model, so a stopped evaluation keeps what is done.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EvaluationResult } from '../contract/events.ts';
import { evaluateHeldOut } from '../engine/eval/held-out.ts';
import { answerReader } from '../engine/eval/held-out-answer.ts';
import type { ModelSource } from '../engine/train/model-source.ts';
import { writeFileAtomic, writeJsonAtomic } from './atomic-file.ts';
import type { RunData } from './examples-stage.ts';
import { modelFingerprint } from './model-fingerprint.ts';
import { progressOf } from './progress.ts';
import type { RunSettings } from './run-settings.ts';
import { runStage } from './stage.ts';

export interface NamedModel {
  name: string;
  model: ModelSource;
}

export async function evaluateStage(
  run: RunSettings,
  data: RunData,
  models: readonly NamedModel[],
): Promise<EvaluationResult[]> {
  const { config, context } = run;
  const folder = join(run.stagesFolder, 'evaluate');
  return runStage<EvaluationResult[]>({
    name: 'evaluate',
    title: 'Evaluating on held-out rows',
    stagesFolder: run.stagesFolder,
    emit: context.emit,
    inputs: {
      data: data.hash,
      evaluation: config.evaluation,
      answerReader,
      models: models.map(({ name, model }) => ({ name, model: modelFingerprint(model) })),
    },
    run: async () => {
      if (data.heldOut.length === 0) {
        writeJsonAtomic(join(folder, 'results.json'), []);
        return { artifact: [], summary: 'no held-out rows were given (evaluation.heldOut)' };
      }
      const progress = progressOf(run, 'evaluate', 'answers');
      const results: EvaluationResult[] = [];
      for (const [index, { name, model }] of models.entries()) {
        const path = join(folder, `${name}.json`);
        if (!existsSync(path)) {
          const { result, items } = await evaluateHeldOut({
            name,
            source: model,
            heldOut: data.heldOut,
            tokenizer: run.tokenizer,
            maxNewTokens: config.evaluation.maxNewTokens,
            batch: config.batch,
            precision: run.precision,
            placement: run.placement,
            onProgress: async (done, total) => {
              progress(index * total + done, models.length * total);
              await run.breathe('evaluate');
            },
          });
          const lines = items.map((item) => `${JSON.stringify(item)}\n`).join('');
          writeFileAtomic(join(folder, `${name}.jsonl`), lines);
          writeJsonAtomic(path, result);
        }
        const result = JSON.parse(readFileSync(path, 'utf8')) as EvaluationResult;
        results.push(result);
        context.emit({ kind: 'evaluation', stage: 'evaluate', result });
      }
      writeJsonAtomic(join(folder, 'results.json'), results);
      return { artifact: results, summary: results.map(describe).join('; ') };
    },
  });
}

function describe({ model, accuracy, loss }: EvaluationResult): string {
  const score = accuracy === undefined ? '' : `${(100 * accuracy).toFixed(1)} %, `;
  return `${model} ${score}loss ${loss.toFixed(4)}`;
}
