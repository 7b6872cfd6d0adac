/**
 * How a stage's windows become batches: bucket lengths, rows per batch, and with them the set of
 * batch shapes that programs are needed for. Everything is a function of the examples and the
 * settings, so a resumed stage plans the very same batches.
 */
import type { BatchConfig } from '../../contract/config.ts';
import type { Alignment, Batch } from '../data/batch.ts';
import { makeBuckets, makePackingBuckets } from '../data/buckets.ts';
import type { Example } from '../data/example.ts';
import { packWindow } from '../data/packing.ts';
import type { Windows } from '../data/windows.ts';
import type { GradientWrite } from '../graph/ops/variable.ts';
import { shapeName, type BatchShape, type TrainingShape } from './batch-shape.ts';

export interface BatchPlan {
  shapes: TrainingShape[];
  /** Batches of the window of a step, counted from 0. */
  batchesAt(step: number): Batch[];
}

/** A call may hold as many tokens as `micro` examples of full length would. */
export function planBatches(
  examples: readonly Example[],
  windows: Pick<Windows, 'steps' | 'at'>,
  batch: BatchConfig,
  alignment: Alignment = 'predicting',
): BatchPlan {
  const lengths = examples.map((example) => example.ids.length);
  const buckets = batch.packing
    ? makePackingBuckets(lengths, batch.maxLength)
    : makeBuckets(lengths, batch.maxLength);
  const window = (step: number) =>
    windows.at(step).map((index) => ({ example: examples[index]!, index }));
  const pack = (step: number, rowsPerBatch: number): Batch[] =>
    packWindow(window(step), { buckets, rowsPerBatch, packing: batch.packing, alignment });

  const longest = buckets.at(-1)!;
  const limit = batch.packing
    ? Math.max(1, Math.floor((batch.micro * batch.maxLength) / longest))
    : batch.micro;
  const rowsPerBatch = leastPositions(limit, Math.min(windows.steps, windowsLookedAt), pack);

  const shapes = new Map<string, BatchShape & { writes: Set<GradientWrite> }>();
  for (let step = 0; step < windows.steps; step++) {
    pack(step, rowsPerBatch).forEach((packed, index) => {
      const shape = shapeOf(packed);
      const known = shapes.get(shapeName(shape)) ?? { ...shape, writes: new Set() };
      known.writes.add(index === 0 ? 'set' : 'add');
      shapes.set(shapeName(shape), known);
    });
  }
  const planned = [...shapes.values()].map(({ writes, ...shape }) => ({
    ...shape,
    writes: [...writes],
  }));
  return { shapes: planned, batchesAt: (step) => pack(step, rowsPerBatch) };
}

/** What a call costs beside its positions, in positions. */
export const callPositions = 128;
const windowsLookedAt = 32;

/** The rows per batch, up to `limit`, with the fewest positions in the first `steps` windows. */
function leastPositions(
  limit: number,
  steps: number,
  pack: (step: number, rowsPerBatch: number) => Batch[],
): number {
  const rowsOf = Array.from({ length: steps }, (_, step) => pack(step, 1).length);
  const cost = (rows: number): number => {
    const batches = rowsOf.flatMap((_, step) => pack(step, rows));
    return batches.reduce((sum, each) => sum + rows * each.length + callPositions, 0);
  };
  const most = Math.max(1, Math.min(limit, Math.max(...rowsOf)));
  const candidates = Array.from({ length: most }, (_, index) => most - index);
  const costs = candidates.map(cost);
  return candidates[costs.indexOf(Math.min(...costs))]!;
}

export function shapeOf({ rows, length, labels }: Batch): BatchShape {
  return { rows, length, targets: labels.length };
}
