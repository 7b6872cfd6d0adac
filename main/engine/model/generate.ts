/**
 * Text generation from a model folder, alone or with a LoRA adapter on top: any number of prompts,
 * greedy or sampled. Prompts of like length share a batch; what one prompt gets does not depend on
 * the others. The session is opened for the sizes that the first call needs, and opened again when a
 * later call needs larger ones.
 */
import { join } from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import { readModelConfig, type Qwen3Config } from '../checkpoint/model-config.ts';
import { checkModelWeights } from '../checkpoint/model-tensors.ts';
import { openModelWeights } from '../checkpoint/model-weights.ts';
import { readPeftConfig } from '../checkpoint/peft-config.ts';
import type { Placement } from '../graph/library.ts';
import { openSession, type Session } from '../graph/session.ts';
import { loadAdapter } from './adapter.ts';
import { decodeBatch, type DecodeBuckets, type DecodeRow } from './decode-batch.ts';
import { buildDecodeProgram } from './decode-program.ts';
import { checkSampling, promptStream } from './sampling.ts';
import { loadWeights, type LoadProgress } from './weights.ts';

export interface GeneratorOptions {
  modelDir: string;
  adapterDir?: string;
  /** Default: f32 for both. Products in bf16 keep the weights in bf16 too. */
  precision?: { weights: 'f32' | 'bf16'; compute: 'f32' | 'bf16' };
  placement?: Placement;
  onLoad?: LoadProgress;
}

export interface GenerateOptions {
  maxNewTokens: number;
  /** 0, the default: greedy. */
  temperature?: number;
  /** Default 1: all tokens. */
  topP?: number;
  /** Default 0: all tokens. */
  topK?: number;
  /** Default 42. Each prompt draws from a stream made of the seed and its stream number. */
  seed?: number;
  /** One number for each prompt; default: its index. Lets a part be generated as in the whole. */
  streams?: readonly number[];
  /** Most prompts at once; used down to a power of two. Default: what fits the budget. */
  maxBatch?: number;
  /** Default: those of the model's configuration. */
  stopIds?: readonly number[];
  onToken?: (prompt: number, id: number) => void;
  /** As soon as it is finished, long before the others of its batch may be. */
  onFinished?: (prompt: number, generated: GeneratedTokens) => void;
  /** Finished prompts of all, every few steps; throw to stop. */
  onProgress?: (done: number, total: number) => Promise<void>;
}

export interface GeneratedTokens {
  /** The new tokens, the stop token included. */
  ids: number[];
  finishReason: 'stop' | 'length';
}

export interface Generator {
  config: Qwen3Config;
  /** In the order of the prompts. @throws data-invalid, config-invalid */
  generate(
    prompts: readonly (readonly number[])[],
    options: GenerateOptions,
  ): Promise<GeneratedTokens[]>;
  close(): void;
}

const largestBatch = 32;
const cacheBytes = 2 ** 31;
/** Positions of one prefill call: bounds its activations. */
const prefillTokens = 8192;

/** @throws file-missing, model-invalid, model-unsupported, weights-corrupt */
export async function openGenerator(options: GeneratorOptions): Promise<Generator> {
  const config = readModelConfig(options.modelDir);
  const weights = openModelWeights(options.modelDir);
  try {
    checkModelWeights(config, weights);
  } finally {
    weights.close();
  }
  const compute = options.precision?.compute ?? 'f32';
  let open: { session: Session; buckets: DecodeBuckets } | null = null;

  const ensure = async (rows: number, length: number): Promise<NonNullable<typeof open>> => {
    if (open && covers(open.buckets, rows, length)) return open;
    const reached = open?.buckets;
    open?.session.close();
    open = null;
    const buckets = bucketsFor(
      Math.max(rows, reached?.batches.at(-1) ?? 1),
      Math.max(length, reached?.capacities.at(-1) ?? 1),
    );
    open = { session: await openDecoding(options, config, compute, buckets), buckets };
    return open;
  };

  return {
    config,
    async generate(prompts, wanted) {
      const rows = prepareRows(prompts, wanted, config);
      if (rows.length === 0) return [];
      const sampling = {
        temperature: wanted.temperature ?? 0,
        topP: wanted.topP ?? 1,
        topK: wanted.topK ?? 0,
      };
      checkSampling(sampling);
      const longest = Math.max(...rows.map((row) => row.prompt.length + row.maxNewTokens));
      const atOnce = batchLimit(wanted);
      const { session, buckets } = await ensure(Math.min(rows.length, atOnce), longest);
      const report = async (): Promise<void> => {
        const done = rows.filter(({ finishReason }) => finishReason !== null).length;
        await wanted.onProgress?.(done, rows.length);
      };
      const stopIds = new Set(wanted.stopIds ?? config.eosTokenIds);
      for (const batch of batches(rows, atOnce, buckets, config, compute)) {
        await decodeBatch(session, buckets, batch, { sampling, stopIds, onStep: report });
        await report();
      }
      return rows.map(({ ids, finishReason }) => ({ ids, finishReason: finishReason! }));
    },
    close() {
      open?.session.close();
      open = null;
    },
  };
}

function batchLimit({ maxBatch }: GenerateOptions): number {
  return 2 ** Math.floor(Math.log2(Math.min(maxBatch ?? largestBatch, largestBatch)));
}

function prepareRows(
  prompts: readonly (readonly number[])[],
  { maxNewTokens, seed, streams, onToken, onFinished }: GenerateOptions,
  { vocabularySize, maxPositions }: Qwen3Config,
): DecodeRow[] {
  if (!Number.isInteger(maxNewTokens) || maxNewTokens < 1) {
    throw new StudioError(
      'config-invalid',
      `Cannot generate ${maxNewTokens} new tokens.`,
      'Give a positive whole number.',
    );
  }
  return prompts.map((prompt, index) => {
    const place = `Prompt ${index + 1} of ${prompts.length}`;
    const refuse = (reason: string, hint: string): StudioError =>
      new StudioError('data-invalid', `${place} ${reason}.`, hint);
    if (prompt.length === 0) throw refuse('is empty', 'Give at least one token.');
    const strange = prompt.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabularySize);
    if (strange !== undefined) {
      const hint = 'Use the tokenizer that belongs to the model.';
      throw refuse(`has the token ${strange}; the model has 0 to ${vocabularySize - 1}`, hint);
    }
    const room = maxPositions - prompt.length;
    if (room < 1) {
      const reason = `has ${prompt.length} tokens; the model takes ${maxPositions} with the answer`;
      throw refuse(reason, 'Shorten it.');
    }
    const row: DecodeRow = {
      prompt,
      maxNewTokens: Math.min(maxNewTokens, room),
      random: promptStream(seed ?? 42, streams?.[index] ?? index),
      ids: [],
      finishReason: null,
      onToken(id) {
        onToken?.(index, id);
        if (row.finishReason === null) return;
        onFinished?.(index, { ids: row.ids, finishReason: row.finishReason });
      },
    };
    return row;
  });
}

/** Longest first: what does not fit into memory fails at once and not after an hour. */
function* batches(
  rows: readonly DecodeRow[],
  atOnce: number,
  buckets: DecodeBuckets,
  config: Qwen3Config,
  compute: 'f32' | 'bf16',
): Iterable<DecodeRow[]> {
  const sorted = [...rows].sort((a, b) => b.prompt.length - a.prompt.length);
  for (let begin = 0; begin < sorted.length;) {
    const { prompt, maxNewTokens } = sorted[begin]!;
    const fit = rowsThatFit(prompt.length + maxNewTokens, prompt.length, config, compute);
    const fitting = Math.min(fit, atOnce);
    const size = buckets.batches.filter((rows) => rows <= fitting).at(-1)!;
    yield sorted.slice(begin, begin + size);
    begin += size;
  }
}

function rowsThatFit(
  total: number,
  prompt: number,
  { layers, keyValueHeads, headDim }: Qwen3Config,
  compute: 'f32' | 'bf16',
): number {
  const bytesPerToken = 2 * layers * keyValueHeads * headDim * (compute === 'f32' ? 4 : 2);
  const byCache = cacheBytes / (bytesPerToken * powerOfTwo(total));
  const byPrefill = prefillTokens / powerOfTwo(prompt);
  return Math.max(1, Math.floor(Math.min(byCache, byPrefill)));
}

/** The sizes that a program needs for so many rows of so many tokens, the answer included. */
export function bucketsFor(rows: number, length: number): DecodeBuckets {
  const most = Math.min(powerOfTwo(rows), largestBatch);
  const longest = Math.max(64, powerOfTwo(length));
  return {
    batches: batchSizes(most),
    prefillLengths: powersOfTwo(32, longest),
    capacities: powersOfTwo(64, longest),
  };
}

function covers(buckets: DecodeBuckets, rows: number, length: number): boolean {
  const enoughRows = buckets.batches.at(-1)! >= Math.min(rows, largestBatch);
  return enoughRows && buckets.capacities.at(-1)! >= length;
}

function powerOfTwo(atLeast: number): number {
  return 2 ** Math.ceil(Math.log2(atLeast));
}

/** Quarters of the largest: every size is optimised by TensorFlow when it first runs. */
function batchSizes(most: number): number[] {
  if (most < 4) return most === 1 ? [1] : [1, most];
  return [...batchSizes(most / 4), most];
}

function powersOfTwo(from: number, to: number): number[] {
  const list: number[] = [];
  for (let size = from; size <= to; size *= 2) list.push(size);
  return list;
}

async function openDecoding(
  { modelDir, adapterDir, precision, placement, onLoad }: GeneratorOptions,
  config: Qwen3Config,
  compute: 'f32' | 'bf16',
  buckets: DecodeBuckets,
): Promise<Session> {
  const peft = adapterDir ? readPeftConfig(join(adapterDir, 'adapter_config.json')) : null;
  const lora = peft && { rank: peft.rank, alpha: peft.alpha, targets: peft.targets, dropout: 0 };
  // A step reads every weight once: a cast of all of them would cost more than the products.
  const kept = compute === 'bf16' ? 'bf16' : (precision?.weights ?? 'f32');
  const { program, model } = buildDecodeProgram({
    config,
    mode: { trained: 'nothing', weights: kept, lora },
    compute,
    placement: placement ?? { islands: 'xla', functions: 'plain' },
    ...buckets,
  });
  const session = await openSession(program);
  const weights = openModelWeights(modelDir);
  try {
    loadWeights(session, model, weights, onLoad);
    if (adapterDir) loadAdapter(session, model, adapterDir);
  } finally {
    weights.close();
  }
  return session;
}
