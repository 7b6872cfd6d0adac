/**
 * Two to six models side by side, from what their runs have left on disk; with `data` measured anew on
 * that file, and with `weights` their tensors read and compared. What cannot be had is said in
 * `missing`, never an exception: half a comparison is worth having.
 */
import { join } from 'node:path';
import type {
  ComparedBenchmark,
  ComparedEvaluation,
  Comparison,
  WeightDeltas,
} from '../contract/comparison.ts';
import { comparisonVersion, mostCompared } from '../contract/comparison.ts';
import { StudioError, toErrorDetails } from '../contract/errors.ts';
import type { EvaluationResult } from '../contract/events.ts';
import type { GeneratedBeside } from '../contract/generation.ts';
import type { AnsweredLine, EvaluatedModel } from '../engine/compare/compared-answers.ts';
import { compareAnswers } from '../engine/compare/compared-answers.ts';
import type { FoundModel } from '../engine/compare/compared-model.ts';
import { distinctLabels, findModel, sourceOf } from '../engine/compare/compared-model.ts';
import { entropyShift } from '../engine/compare/entropy-shift.ts';
import { settingDifferences } from '../engine/compare/setting-differences.ts';
import type { DeltaProgress } from '../engine/compare/weight-deltas.ts';
import { modules, weightDelta } from '../engine/compare/weight-deltas.ts';
import { asJsonObject } from '../engine/checkpoint/read-json-file.ts';
import { readJson, readJsonLines } from '../engine/report/run-files.ts';
import { benchmarkItems, compareBenchmarks } from './compare-benchmarks.ts';
import { compareCurves } from './compare-curves.ts';
import { compareTokens } from './compare-tokens.ts';
import type { BesideContext, BesideRequest } from './generate-beside.ts';

export interface CompareOptions {
  /** Read the tensors, which takes as long as reading the models from disk. */
  weights?: boolean;
  /** Measure logit margins where they are not kept already. */
  tokens?: boolean;
  /** A data file to evaluate all models on, instead of what their runs have evaluated. */
  data?: string;
  /** Where evaluations on benchmarks lie; absent: none are looked for. */
  evaluationsFolder?: string;
  /** Read the items of the benchmarks, too: the generations of all models. */
  benchmarkItems?: boolean;
  /** Where measurements are kept; absent: nowhere. */
  cacheFolder?: string;
  onProgress?: (what: string, done: number, total: number) => Promise<void>;
}

/**
 * @param paths see engine/compare/compared-model.ts; the first is the baseline
 * @throws usage (not two to six, or one twice), file-missing, run-invalid; with `data` what evaluating throws
 */
export async function compareModels(
  paths: readonly string[],
  options: CompareOptions = {},
): Promise<Comparison> {
  const found = findAll(paths);
  const progress = options.onProgress ?? (async () => undefined);
  const missing: string[] = [];
  const evaluated =
    options.data === undefined
      ? found.map(readEvaluation)
      : await (await import('./compare-on-data.ts')).evaluateOnData(found, options.data, progress);
  const evaluation = describeEvaluation(found, evaluated, options.data, missing);
  const entropy = entropyShift(found, evaluated);
  if (entropy === null) {
    missing.push(
      'Entropy shift: these models have no entropies of the same rows; `wds compare --data FILE` measures them.',
    );
  }
  const { data, cacheFolder, tokens: measure = false } = options;
  const tokens = await compareTokens(
    found,
    {
      ...(data !== undefined && { data }),
      ...(cacheFolder !== undefined && { cacheFolder }),
      measure,
      onProgress: progress,
    },
    missing,
  );
  return {
    format: 'weak-driven-studio.comparison',
    version: comparisonVersion,
    models: found.map(({ model }) => model),
    settings: settingDifferences(found.map(({ run }) => run?.config ?? null)),
    curves: await compareCurves(found, cacheFolder),
    evaluation,
    benchmarks: await readBenchmarks(found, options, missing),
    entropy,
    tokens,
    weights: options.weights ? await compareWeights(found, progress, missing) : null,
    generations: null,
    missing,
  };
}

async function readBenchmarks(
  found: readonly FoundModel[],
  { evaluationsFolder, benchmarkItems: wantItems }: CompareOptions,
  missing: string[],
): Promise<ComparedBenchmark[]> {
  if (evaluationsFolder === undefined) return [];
  const benchmarks = compareBenchmarks(found, evaluationsFolder, missing);
  if (!wantItems) return benchmarks;
  return Promise.all(
    benchmarks.map(async (benchmark) => ({ ...benchmark, ...(await benchmarkItems(benchmark)) })),
  );
}

/** The items of one benchmark of this comparison, by its key. @throws run-missing */
export async function compareBenchmarkItems(
  paths: readonly string[],
  key: string,
  evaluationsFolder: string,
): Promise<Pick<ComparedBenchmark, 'items' | 'itemsLeftOut'>> {
  const benchmarks = compareBenchmarks(findAll(paths), evaluationsFolder, []);
  const benchmark = benchmarks.find((each) => each.key === key);
  if (benchmark !== undefined) return benchmarkItems(benchmark);
  throw new StudioError(
    'run-missing',
    'This evaluation is not there any more.',
    'It may have been deleted; evaluate again.',
  );
}

/** One prompt to models named as above, see generate-beside.ts. */
export async function generateAll(
  paths: readonly string[],
  request: BesideRequest,
  context: BesideContext,
): Promise<GeneratedBeside> {
  const { generateBeside } = await import('./generate-beside.ts');
  return generateBeside(
    paths.map((path) => () => sourceOf(findModel(path))),
    request,
    context,
  );
}

function findAll(paths: readonly string[]): FoundModel[] {
  if (paths.length < 2 || paths.length > mostCompared) {
    const message = `A comparison takes two to ${mostCompared} models, not ${paths.length}.`;
    throw new StudioError('usage', message, 'Name runs, checkpoints or model folders.');
  }
  const found = paths.map(findModel);
  const keys = found.map(({ model }) => `${model.folder}|${model.runId}|${model.member}`);
  const twice = keys.findIndex((key, index) => keys.indexOf(key) !== index);
  if (twice >= 0) {
    const message = `${paths[twice]} is the same model as ${paths[keys.indexOf(keys[twice]!)]}.`;
    throw new StudioError('usage', message, 'Name each model once.');
  }
  distinctLabels(found);
  return found;
}

/** What the run's evaluate stage has left of this model; null where it has not come to it. */
function readEvaluation({ model, run }: FoundModel): EvaluatedModel | null {
  if (run === null || model.member === undefined) return null;
  const folder = join(run.folder, 'stages', 'evaluate');
  const results = readJson(join(folder, 'results.json'));
  // Until all models are evaluated there is one file for each that is.
  const all: unknown[] = Array.isArray(results)
    ? results
    : [readJson(join(folder, `${model.member}.json`))];
  const result = all.find((each) => asJsonObject(each)?.['model'] === model.member);
  const items = readJsonLines(join(folder, `${model.member}.jsonl`));
  if (result === undefined || items === null) return null;
  const { loss, entropy } = result as EvaluationResult;
  return {
    label: model.label,
    loss,
    ...(entropy !== undefined && { entropy }),
    items: items as unknown as AnsweredLine[],
  };
}

function describeEvaluation(
  found: readonly FoundModel[],
  evaluated: readonly (EvaluatedModel | null)[],
  data: string | undefined,
  missing: string[],
): ComparedEvaluation | null {
  for (const [index, model] of evaluated.entries()) {
    if (model !== null) continue;
    missing.push(`Evaluation: ${found[index]!.model.label} has not been evaluated by its run.`);
  }
  if (evaluated.every((model) => model === null)) return null;
  const compared = compareAnswers(evaluated);
  for (const [index, pair] of compared.paired.entries()) {
    if (index === 0 || pair !== null || evaluated[0] === null || evaluated[index] === null)
      continue;
    missing.push(
      `Evaluation: ${found[index]!.model.label} answered other items than ${found[0]!.model.label}.`,
    );
  }
  const files = found.flatMap(({ run }) => run?.config.evaluation.heldOut ?? []);
  const file = data ?? files[0] ?? 'held-out rows';
  return { file, source: data === undefined ? 'runs' : 'data', ...compared };
}

async function compareWeights(
  found: readonly FoundModel[],
  progress: NonNullable<CompareOptions['onProgress']>,
  missing: string[],
): Promise<WeightDeltas | null> {
  const [first, ...others] = found;
  const models: WeightDeltas['models'] = [null];
  for (const other of others) {
    const onTensor: DeltaProgress = (done, total) =>
      progress(`weights of ${other.model.label}`, done, total);
    try {
      models.push(await weightDelta(sourceOf(first!), sourceOf(other), onTensor));
    } catch (error) {
      if (!(error instanceof StudioError) || error.code === 'stopped') throw error;
      missing.push(`Weights of ${other.model.label}: ${toErrorDetails(error).message}`);
      models.push(null);
    }
  }
  const layers = models.find((model) => model !== null)?.relative.length;
  return layers === undefined ? null : { modules: [...modules], layers, models };
}
