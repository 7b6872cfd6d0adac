/**
 * Logit margins and non-target mass of the compared models on the same rows: of the given file, else the
 * held-out file of the first run that has one, else its training file. Measuring takes a forward pass
 * over the rows; what was measured is kept, and found again as long as neither model nor file changes.
 */
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TokenDistributions } from '../contract/comparison.ts';
import { runConfigSchema } from '../contract/config.ts';
import type { RunConfig } from '../contract/config.ts';
import { StudioError } from '../contract/errors.ts';
import type { FoundModel } from '../engine/compare/compared-model.ts';
import { sourceOf } from '../engine/compare/compared-model.ts';
import type { MeasuredTokens } from '../engine/compare/token-spread.ts';
import { sharedAxes } from '../engine/compare/token-spread.ts';
import type { ModelSource } from '../engine/train/model-source.ts';
import { writeJsonAtomic } from './atomic-file.ts';
import { hashJson } from './hash.ts';
import { modelFingerprint } from './model-fingerprint.ts';

/** Enough for a histogram: some ten thousand answer tokens of a usual data set. */
const mostRows = 200;
/** Raised when what is measured changes. */
const version = 1;

export interface CompareTokensOptions {
  /** Default: of the runs. */
  data?: string;
  /** Where measurements are kept; absent: nowhere. */
  cacheFolder?: string;
  /** False: only what is kept already. */
  measure: boolean;
  onProgress: (what: string, done: number, total: number) => Promise<void>;
}

/** Null where there is no file to measure on, or nothing kept and nothing to be measured. */
export async function compareTokens(
  found: readonly FoundModel[],
  options: CompareTokensOptions,
  missing: string[],
): Promise<TokenDistributions | null> {
  const chosen = chooseRows(found, options.data);
  if (chosen === null) {
    missing.push(
      'Margins: none of these models has a run with a data file that is still there; `wds compare --data FILE` measures them on that file.',
    );
    return null;
  }
  const measured: (MeasuredTokens | null)[] = [];
  let isComplete = true;
  for (const one of found) {
    try {
      const source = sourceOf(one);
      const config = configFor(source, chosen, one.run?.config ?? chosen.config);
      const kept = cacheFile(source, config, options.cacheFolder);
      const known = readKept(kept);
      if (known === null && !options.measure) isComplete = false;
      measured.push(known ?? (options.measure ? await measureAnew(one, config, options) : null));
      if (known === null && kept !== null && options.measure) keep(kept, measured.at(-1)!);
    } catch (error) {
      if (!(error instanceof StudioError) || error.code === 'stopped') throw error;
      missing.push(`Margins of ${one.model.label}: ${error.message}`);
      measured.push(null);
    }
  }
  if (!isComplete || measured.every((model) => model === null)) return null;
  const { rows, file } = chosen;
  return { rows, file, sampled: mostRows, ...sharedAxes(measured) };
}

interface Chosen {
  rows: TokenDistributions['rows'];
  file: string;
  config: RunConfig | null;
}

function chooseRows(found: readonly FoundModel[], data: string | undefined): Chosen | null {
  const configs = found.flatMap(({ run }) => run?.config ?? []);
  const [config = null] = configs;
  if (data !== undefined) return { rows: 'data', file: data, config };
  for (const own of configs) {
    const { heldOut } = own.evaluation;
    if (heldOut !== undefined && existsSync(heldOut)) {
      return { rows: 'held-out', file: heldOut, config: own };
    }
  }
  const own = configs.find((each) => existsSync(each.data.file));
  return own ? { rows: 'training', file: own.data.file, config: own } : null;
}

/** The model's own prompt, lengths and precision where it has a run, else those of the first run. */
function configFor(source: ModelSource, { file }: Chosen, own: RunConfig | null): RunConfig {
  return runConfigSchema.parse({
    model: source.base,
    data: { file, limit: mostRows, systemPrompt: own?.data.systemPrompt ?? null },
    ...(own && { batch: own.batch, precision: own.precision }),
  });
}

function cacheFile(
  source: ModelSource,
  config: RunConfig,
  folder: string | undefined,
): string | null {
  if (folder === undefined) return null;
  const { size, mtimeMs } = statSync(config.data.file);
  const key = hashJson({
    version,
    model: { ...source, files: modelFingerprint(source) },
    data: { ...config.data, size, modified: Math.round(mtimeMs) },
    maxLength: config.batch.maxLength,
    precision: config.precision,
  });
  return join(folder, `tokens-${key.slice(0, 32)}.json`);
}

/** Loaded when it is needed: a window asks for what is kept, in a process without TensorFlow. */
async function measureAnew(
  one: FoundModel,
  config: RunConfig,
  { onProgress }: CompareTokensOptions,
): Promise<MeasuredTokens> {
  const { measureTokens } = await import('./measure-tokens.ts');
  return measureTokens(sourceOf(one), config, (done, total) =>
    onProgress(`margins of ${one.model.label}`, done, total),
  );
}

function keep(file: string, tokens: MeasuredTokens): void {
  mkdirSync(dirname(file), { recursive: true });
  writeJsonAtomic(file, tokens, { durable: false });
}

function readKept(file: string | null): MeasuredTokens | null {
  if (file === null || !existsSync(file)) return null;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as MeasuredTokens;
  } catch {
    return null;
  }
}
