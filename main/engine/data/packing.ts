/**
 * One optimizer step's examples (a window) as batches. With packing, rows are filled first-fit
 * decreasing with as many examples as fit; attention is masked to each document and the loss is
 * normalised by the whole window's answer tokens, so every packing computes the same update. The
 * result depends on the examples and their order alone.
 */
import type { Alignment, Batch, PlacedExample } from './batch.ts';
import { layOut } from './batch.ts';
import { bucketFor } from './buckets.ts';

export interface PackingOptions {
  /** Ascending row lengths; the last holds the longest example. */
  buckets: readonly number[];
  rowsPerBatch: number;
  /** False: one example a row, in the order given. */
  packing: boolean;
  alignment?: Alignment;
}

type Row = PlacedExample[];

/** Every example is in exactly one batch. An empty window gives no batches. */
export function packWindow(examples: readonly PlacedExample[], options: PackingOptions): Batch[] {
  const { buckets, rowsPerBatch, alignment = 'predicting' } = options;
  const rows = options.packing ? pack(examples, buckets) : examples.map((placed): Row => [placed]);
  const batches: Batch[] = [];
  for (let first = 0; first < rows.length; first += rowsPerBatch) {
    const group = rows.slice(first, first + rowsPerBatch);
    const length = bucketFor(Math.max(...group.map(rowLength)), buckets);
    batches.push(layOut(group, length, rowsPerBatch, alignment));
  }
  return batches;
}

/** Rows for the bucket length that leaves the least padding; of equal ones the shortest. */
function pack(examples: readonly PlacedExample[], buckets: readonly number[]): Row[] {
  const sorted = [...examples].sort(
    (left, right) => right.example.ids.length - left.example.ids.length,
  );
  const longest = sorted[0]?.example.ids.length ?? 0;
  let chosen: { rows: Row[]; cost: number } = { rows: [], cost: Infinity };
  for (const capacity of buckets.filter((bucket) => bucket >= longest)) {
    const rows = firstFit(sorted, capacity);
    const cost = rows.reduce((sum, row) => sum + bucketFor(rowLength(row), buckets), 0);
    if (cost < chosen.cost) chosen = { rows, cost };
  }
  if (chosen.rows.length === 0 && sorted.length > 0) bucketFor(longest, buckets);
  return chosen.rows.sort((left, right) => rowLength(right) - rowLength(left));
}

function firstFit(sorted: readonly PlacedExample[], capacity: number): Row[] {
  const rows: Row[] = [];
  const free: number[] = [];
  for (const placed of sorted) {
    const length = placed.example.ids.length;
    let row = free.findIndex((space) => space >= length);
    if (row === -1) {
      row = rows.push([]) - 1;
      free.push(capacity);
    }
    rows[row]!.push(placed);
    free[row]! -= length;
  }
  return rows;
}

function rowLength(row: Row): number {
  return row.reduce((sum, { example }) => sum + example.ids.length, 0);
}
