/**
 * Models kept open between questions: looking at one sample after another, or at one prompt after
 * another, loads weights once. Two at a time (a weak and a strong one); they are closed when a run
 * starts, whose plan counts on that memory, and after two minutes in which nobody asked.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { targetBucket } from '../../main/engine/data/batch.ts';
import { readModelConfig } from '../../main/engine/checkpoint/model-config.ts';
import type { Session } from '../../main/engine/graph/session.ts';
import type { LogitReader } from '../../main/engine/model/logit-reader.ts';
import { logitReader } from '../../main/engine/model/logit-reader.ts';
import { deviceKind } from '../../main/engine/runtime/device-kind.ts';
import { choosePlacement } from '../../main/engine/runtime/placement.ts';
import { loadTensorFlow } from '../../main/engine/runtime/tensorflow.ts';
import { openMeasuring } from '../../main/engine/train/measure-session.ts';
import type { ModelSource } from '../../main/engine/train/model-source.ts';
import { choosePrecision } from '../../main/engine/train/precision.ts';

export interface OpenModel {
  session: Session;
  /** Tokens that fit; texts are padded to it. */
  length: number;
  logits: LogitReader;
}

/** Logit rows of one reading; a row of Qwen3 takes 0.6 MB. */
export const mostLogitRows = 64;
const mostModels = 2;
const idle = 120_000;

const open = new Map<string, OpenModel>();
let turn: Promise<unknown> = Promise.resolve();
let timer: NodeJS.Timeout | undefined;

/** One question at a time, so that no model is closed under another's feet. */
export function withModel<T>(
  source: ModelSource,
  tokens: number,
  use: (model: OpenModel) => T,
): Promise<T> {
  const mine = turn.then(async () => {
    clearTimeout(timer);
    try {
      return use(await get(source, tokens));
    } finally {
      timer = setTimeout(closeModels, idle).unref();
    }
  });
  turn = mine.catch(() => undefined);
  return mine;
}

export function closeModels(): void {
  for (const { session } of open.values()) session.close();
  open.clear();
}

async function get(source: ModelSource, tokens: number): Promise<OpenModel> {
  const length = Math.max(64, 2 ** Math.ceil(Math.log2(tokens)));
  const key = JSON.stringify([source, stamp(source.base), stamp(source.adapter), length]);
  const known = open.get(key);
  if (known !== undefined) {
    // The most recently used stands last.
    open.delete(key);
    open.set(key, known);
    return known;
  }
  while (open.size >= mostModels) {
    const [oldest, { session }] = [...open][0]!;
    session.close();
    open.delete(oldest);
  }
  const model = await load(source, length);
  open.set(key, model);
  return model;
}

async function load(source: ModelSource, length: number): Promise<OpenModel> {
  loadTensorFlow();
  const device = deviceKind();
  const config = readModelConfig(source.base);
  const sizes = new Set(
    [1, 2, 4, 8].map((part) => targetBucket(Math.floor(length / part), length)),
  );
  const shape = { rows: 1, length, targets: mostLogitRows };
  const { session } = await openMeasuring({
    source,
    precision: choosePrecision({ weights: 'auto', compute: 'auto' }, config, null, device),
    placement: choosePlacement(device),
    measureShapes: [...sizes].map((targets) => ({ rows: 1, length, targets })),
    logitsShapes: [shape],
  });
  return { session, length, logits: logitReader(session, shape, config.vocabularySize) };
}

/** Changes when a file of the folder does. */
function stamp(folder: string | null): unknown {
  if (folder === null) return null;
  const files = readdirSync(folder).filter((name) => /\.(safetensors|json)$/.test(name));
  return files.sort().map((name) => {
    const { size, mtimeMs } = statSync(join(folder, name));
    return [name, size, mtimeMs];
  });
}
