/**
 * From a request to everything an evaluation needs before a model is loaded: the benchmark, its items,
 * the settings with the paper's defaults filled in, and the hash that says whether two evaluations
 * are the same one.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import type { EvaluationRequest, EvaluationSettings } from '../../contract/evaluation.ts';
import { findTask } from '../../engine/eval/tasks/find-task.ts';
import { readItems } from '../../engine/eval/tasks/read-items.ts';
import type { BenchmarkTask, TaskItem } from '../../engine/eval/tasks/task.ts';
import { modelSource, type ModelSource } from '../../engine/train/model-source.ts';
import { hashFile, hashJson } from '../hash.ts';
import { hashModels } from '../model-files.ts';

export interface PlannedEvaluation {
  source: ModelSource;
  modelHash: string;
  task: BenchmarkTask;
  taskHash: string;
  dataFile: string;
  dataHash: string;
  items: TaskItem[];
  settings: EvaluationSettings;
  passAt: number[];
  warnings: string[];
  /** Over all of the above that decides what is generated. */
  hash: string;
}

/** @throws config-invalid, data-invalid, file-missing, model-invalid */
export async function planEvaluation(request: EvaluationRequest): Promise<PlannedEvaluation> {
  const { task, data } = findTask(request.task);
  const dataFile = request.data === undefined ? data : resolve(request.data);
  if (dataFile === null) {
    throw new StudioError(
      'config-invalid',
      `${task.title} needs its data file.`,
      'Download the set and name its file as --data; nothing is fetched by this program.',
    );
  }
  const settings = settingsOf(request, task);
  const passAt = passAtOf(request);
  const items = await readItems(task, dataFile, request.limit);
  const source = chosenSource(request);
  const modelHash = await hashOf(source);
  const dataHash = await hashFile(dataFile);
  // Hashed as read: a change in how rows are read or asked is another evaluation.
  const taskHash = hashJson({ name: task.name, kind: task.kind, pattern: task.pattern, items });
  const hash = hashJson({ modelHash, taskHash, dataHash, settings });
  const warnings = warningsOf(task, items, request);
  return {
    source,
    modelHash,
    task,
    taskHash,
    dataFile,
    dataHash,
    items,
    settings,
    passAt,
    warnings,
    hash,
  };
}

/** Weights, configuration and tokenizer by their bytes, wherever the folder lies. */
async function hashOf(source: ModelSource): Promise<string> {
  const models = await hashModels(source, null);
  const template = join(source.base, 'chat_template.jinja');
  return hashJson({
    models: models.map(({ role, files }) => ({ role, files })),
    template: existsSync(template) ? await hashFile(template) : null,
  });
}

function chosenSource(request: EvaluationRequest): ModelSource {
  const source = modelSource(resolve(request.model));
  if (request.adapter === undefined) return source;
  if (source.adapter === null) return modelSource(resolve(request.adapter), source.base);
  throw new StudioError(
    'config-invalid',
    `${request.model} is an adapter already.`,
    'Give its base model as --model together with --adapter.',
  );
}

function settingsOf(request: EvaluationRequest, task: BenchmarkTask): EvaluationSettings {
  const temperature = request.temperature ?? (request.samples === 1 ? 0 : 0.5);
  if (temperature === 0 && request.samples > 1) {
    throw new StudioError(
      'config-invalid',
      `${request.samples} greedy samples of an item would all be the same.`,
      'Give a temperature above 0 (the paper has 0.5), or one sample.',
    );
  }
  return {
    samples: request.samples,
    maxNewTokens: request.maxNewTokens ?? task.maxNewTokens,
    temperature,
    topP: request.topP,
    topK: request.topK,
    seed: request.seed,
    precision: request.precision,
    limit: request.limit ?? null,
    systemPrompt: task.systemPrompt,
    thinking: task.thinking,
  };
}

function passAtOf({ passAt, samples }: EvaluationRequest): number[] {
  const wanted = passAt.length > 0 ? passAt : samples > 1 ? [samples] : [];
  const tooLarge = wanted.find((k) => k > samples);
  if (tooLarge === undefined) return [...new Set(wanted)].sort((a, b) => a - b);
  throw new StudioError(
    'config-invalid',
    `pass@${tooLarge} cannot be estimated from ${samples} samples.`,
    `Take at least ${tooLarge} samples of each item.`,
  );
}

function warningsOf(
  task: BenchmarkTask,
  items: readonly TaskItem[],
  { limit }: EvaluationRequest,
): string[] {
  const { publishedRows, title } = task;
  if (publishedRows === undefined || items.length === publishedRows) return [];
  const why = limit === items.length ? `limited to ${limit}` : `the file has ${items.length}`;
  return [
    `${title} is published with ${publishedRows} items; ${why}. The score is not comparable.`,
  ];
}
