/**
 * The static shape of a batch: B rows of length T with room for R answer tokens. Every shape is an
 * entry of its own; the layer functions below depend on B and T only.
 */
import type { GradientWrite } from '../graph/ops/variable.ts';
import type { Program } from '../graph/program.ts';
import type { Value } from '../graph/scope.ts';
import type { TokenInputs } from '../model/qwen3.ts';

export interface BatchShape {
  rows: number;
  length: number;
  targets: number;
}

/** A shape of a training stage: as the first micro-batch of a window, as a later one, or both. */
export interface TrainingShape extends BatchShape {
  writes: readonly GradientWrite[];
}

/** Whether gradients of several micro-batches are added up in any window. */
export function accumulates(shapes: readonly TrainingShape[]): boolean {
  return shapes.some(({ writes }) => writes.includes('add'));
}

export function shapeName({ rows, length, targets }: BatchShape): string {
  return `${rows}x${length}x${targets}`;
}

export interface BatchPlaceholders extends TokenInputs {
  /** [R] i32, flat index b*T+t of the position that predicts the label. */
  targetRows: Value;
  /** [R] i32 */
  labels: Value;
}

/** What the entry draws random numbers for. */
export interface RandomUse {
  dropout: boolean;
  embeddingNoise: boolean;
}

export const noRandomness: RandomUse = { dropout: false, embeddingNoise: false };

export function batchPlaceholders(
  program: Program,
  { rows, length, targets }: BatchShape,
  { dropout, embeddingNoise }: RandomUse,
): BatchPlaceholders {
  return {
    ids: program.placeholder('i32', [rows, length]),
    positions: program.placeholder('i32', [rows, length]),
    documents: program.placeholder('i32', [rows, length]),
    dropoutKey: dropout ? program.placeholder('i32', [2]) : null,
    noise: embeddingNoise
      ? {
          key: program.placeholder('i32', [2]),
          magnitudes: program.placeholder('f32', [rows * length]),
        }
      : null,
    targetRows: program.placeholder('i32', [targets]),
    labels: program.placeholder('i32', [targets]),
  };
}

/** The placeholders as an entry's inputs; absent ones are left out. */
export function batchInputs(placeholders: BatchPlaceholders): Record<string, Value> {
  const { dropoutKey, noise, ...others } = placeholders;
  return {
    ...others,
    ...(dropoutKey && { dropoutKey }),
    ...(noise && { noiseKey: noise.key, noiseMagnitudes: noise.magnitudes }),
  };
}

/** Logits of one chunk, f32, take at most about this many bytes, but it has at least 64 rows. */
const chunkBytes = 128 * 1024 * 1024;

/** [begin, end) of the chunks that R answer rows are cut into for a vocabulary of V. */
export function chunks(
  targets: number,
  vocabulary: number,
  bytes: number = chunkBytes,
): { begin: number; end: number }[] {
  const size = Math.max(64, Math.floor(bytes / (4 * vocabulary) / 64) * 64);
  const list: { begin: number; end: number }[] = [];
  for (let begin = 0; begin < targets; begin += size) {
    list.push({ begin, end: Math.min(targets, begin + size) });
  }
  return list;
}
