/**
 * Batches of one forward pass over a whole set of examples. Nothing is updated, so any examples may share a
 * row. A position is multiplied with the keys of its whole row, other documents' too, and examples differ
 * in length by a factor of ten: rows are therefore as short as they can be without much padding, and
 * examples that are longer have rows of twice the length, four times, and so on.
 */
import type { BatchConfig } from '../../contract/config.ts';
import { measuredPositions, layOut, type Alignment, type Batch } from '../data/batch.ts';
import { bucketFor, makeBuckets, makePackingBuckets, roundUp } from '../data/buckets.ts';
import type { Example } from '../data/example.ts';
import { packSet, type PackedRow } from '../data/pack-set.ts';
import type { Windows } from '../data/windows.ts';
import { chunkLength } from '../model/attention.ts';
import { callPositions, planBatches } from './batch-plan.ts';
import { shapeName, type BatchShape } from './batch-shape.ts';

export interface MeasurePlan {
  shapes: BatchShape[];
  /** Every example is in exactly one. */
  batches: () => Iterable<Batch>;
}

/** Scores and products with so many keys take about as long as a position's other products. */
const keysPerPosition = 2048;

export function planMeasuring(
  examples: readonly Example[],
  batch: BatchConfig,
  alignment: Alignment,
): MeasurePlan {
  const lengths = examples.map(({ ids }) => ids.length);
  const trainingRow = makePackingBuckets(lengths, batch.maxLength).at(-1)!;
  if (!batch.packing || trainingRow <= chunkLength) return planWindows(examples, batch, alignment);
  return planSet(examples, batch, alignment);
}

const examplesPerWindow = 64;

/** The longest first, 64 to a window, each batched as a training step's. */
function planWindows(
  examples: readonly Example[],
  batch: BatchConfig,
  alignment: Alignment,
): MeasurePlan {
  const order = examples
    .map((example, index) => ({ index, length: example.ids.length }))
    .sort((a, b) => b.length - a.length || a.index - b.index)
    .map(({ index }) => index);
  const windows: Pick<Windows, 'steps' | 'at'> = {
    steps: Math.ceil(order.length / examplesPerWindow),
    at: (step) => order.slice(step * examplesPerWindow, (step + 1) * examplesPerWindow),
  };
  const plan = planBatches(examples, windows, batch, alignment);
  function* batches(): Iterable<Batch> {
    for (let step = 0; step < windows.steps; step++) yield* plan.batchesAt(step);
  }
  return { shapes: plan.shapes, batches };
}

/** What a batch is made of: up to `shape.rows` rows. */
interface Group {
  rows: PackedRow[];
  shape: BatchShape;
}

function planSet(
  examples: readonly Example[],
  batch: BatchConfig,
  alignment: Alignment,
): MeasurePlan {
  const rows = leastCost(examples.map(({ ids }) => ids.length));
  const targetsOf = examples.map((example) => measuredPositions(example, alignment).length);
  const lay = ({ rows: own, shape }: Group): Batch => {
    const documents = own.map(({ members }) =>
      members.map((index) => ({ example: examples[index]!, index })),
    );
    return layOut(documents, shape.length, shape.rows, alignment, shape.targets);
  };
  const capacities = [...new Set(rows.map(({ capacity }) => capacity))];
  const groups = capacities.flatMap((capacity) => {
    const alike = rows.filter((row) => row.capacity === capacity);
    const limit = Math.max(1, Math.floor((batch.micro * batch.maxLength) / capacity));
    return groupRows(alike, limit, targetsOf);
  });
  const shapes = new Map(groups.map(({ shape }) => [shapeName(shape), shape]));
  function* batches(): Iterable<Batch> {
    for (const group of groups) yield lay(group);
  }
  return { shapes: [...shapes.values()], batches };
}

/** The rows of the row length whose positions and keys cost least. */
function leastCost(lengths: readonly number[]): PackedRow[] {
  const longest = roundUp(lengths.reduce((most, length) => Math.max(most, length), 0));
  let chosen: { rows: PackedRow[]; cost: number } = { rows: [], cost: Infinity };
  for (let shortest = chunkLength; ; shortest = roundUp(shortest * 1.125)) {
    const capacities: number[] = [];
    for (let length = shortest; length < longest; length *= 2) capacities.push(length);
    const rows = packSet(lengths, [...capacities, longest]);
    const cost = rows.reduce((sum, { capacity }) => sum + costOf(capacity), 0);
    if (cost < chosen.cost) chosen = { rows, cost };
    if (shortest >= longest) return chosen.rows;
  }
}

/** Of a row, in positions: queries in chunks meet the keys up to their end, half of them on average. */
function costOf(length: number): number {
  const keys = (length + Math.min(length, chunkLength)) / 2;
  return length * (1 + keys / keysPerPosition);
}

const targetSizes = 2;

/**
 * Batches of up to `limit` rows, of an even number where there are two (measure-program.ts computes
 * halves), with as few empty rows and calls as can be. Rows with many answer tokens come first, so that
 * two sizes of the head do.
 */
function groupRows(
  rows: readonly PackedRow[],
  limit: number,
  targetsOf: readonly number[],
): Group[] {
  const { capacity } = rows[0]!;
  const targets = (row: PackedRow): number =>
    row.members.reduce((sum, index) => sum + targetsOf[index]!, 0);
  const sorted = rows
    .map((row) => ({ row, targets: targets(row) }))
    .sort((left, right) => right.targets - left.targets);
  const sizes = Array.from({ length: limit }, (_, index) => index + 1);
  const costs = sizes.map((size) =>
    size > 1 && size % 2 === 1
      ? Infinity
      : Math.ceil(rows.length / size) * (size * capacity + callPositions),
  );
  const rowsPerBatch = sizes[costs.indexOf(Math.min(...costs))]!;
  const parts = Array.from({ length: Math.ceil(rows.length / rowsPerBatch) }, (_, part) =>
    sorted.slice(part * rowsPerBatch, (part + 1) * rowsPerBatch),
  );
  const needed = parts.map((part) => part.reduce((sum, one) => sum + one.targets, 0));
  const room = makeBuckets(needed, Infinity, targetSizes);
  return parts.map((part, at) => ({
    rows: part.map(({ row }) => row),
    shape: { rows: rowsPerBatch, length: capacity, targets: bucketFor(needed[at]!, room) },
  }));
}
