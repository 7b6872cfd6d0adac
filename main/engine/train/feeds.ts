/** A batch as the feeds of an entry: what is derived from the token ids is derived here. */
import type { Batch } from '../data/batch.ts';
import type { Feed } from '../graph/call.ts';

/** Feeds of `measure` and `logits` entries. */
export function measureFeeds(batch: Batch): Record<string, Feed> {
  const { ids, positions, documents, targetRows, labels } = batch;
  return { ids, positions, documents, targetRows, labels };
}

/** Feeds of `accumulate` entries. `share`: each answer token's part of the loss, 1 / their number. */
export function accumulateFeeds(
  batch: Batch,
  share: number,
  lambda: number,
  vocabulary: number,
): Record<string, Feed> {
  const weights = new Float32Array(batch.labels.length).fill(share, 0, batch.targets);
  const rowOfPosition = new Int32Array(batch.ids.length).fill(batch.labels.length);
  for (let row = 0; row < batch.targets; row++) rowOfPosition[batch.targetRows[row]!] = row;
  const unique = uniqueTokens(batch.ids, vocabulary);
  return { ...measureFeeds(batch), weights, rowOfPosition, lambda, ...unique };
}

/**
 * The distinct ids, filled up with ids that do not occur to min(B*T, V) distinct ones, and each
 * token's place among them.
 */
export function uniqueTokens(
  ids: Int32Array,
  vocabulary: number,
): { uniqueIds: Int32Array; uniqueIndex: Int32Array } {
  const places = new Map<number, number>();
  const uniqueIndex = ids.map((id) => {
    const place = places.get(id) ?? places.size;
    places.set(id, place);
    return place;
  });
  const uniqueIds = new Int32Array(Math.min(ids.length, vocabulary));
  let count = 0;
  for (const id of places.keys()) uniqueIds[count++] = id;
  for (let id = 0; count < uniqueIds.length; id++) {
    if (!places.has(id)) uniqueIds[count++] = id;
  }
  return { uniqueIds, uniqueIndex };
}
