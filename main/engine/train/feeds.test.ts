import { describe, expect, it } from 'vitest';
import { packedBatch } from '../../fixtures/reference-batch.ts';
import { accumulateFeeds, uniqueTokens } from './feeds.ts';

describe('feeds of a batch', () => {
  const shape = { rows: 1, length: 8, targets: 4 };
  const first = { ids: [5, 6, 5], labels: [-100, 6, 5] };
  const second = { ids: [7, 5], labels: [-100, 5] };
  const batch = packedBatch([[first, second]], shape);

  it('give each answer token its share and padding none', () => {
    const { weights, rowOfPosition } = accumulateFeeds(batch, 0.125, 0.5, 20);
    expect(weights).toEqual(Float32Array.of(0.125, 0.125, 0.125, 0));
    // Positions 0, 1 and 3 predict; all others point behind the four rows.
    expect(rowOfPosition).toEqual(Int32Array.of(0, 1, 4, 2, 4, 4, 4, 4));
  });

  it('list every token id once, filled up with ids that do not occur', () => {
    const { uniqueIds, uniqueIndex } = uniqueTokens(batch.ids, 20);
    expect(new Set(uniqueIds).size).toBe(8);
    expect([...uniqueIndex].map((place) => uniqueIds[place])).toEqual([...batch.ids]);
    expect(uniqueIds.every((id) => id >= 0 && id < 20)).toBe(true);
  });

  it('list the whole vocabulary where there are more tokens than ids', () => {
    const { uniqueIds } = uniqueTokens(Int32Array.of(2, 2, 0, 2, 0), 3);
    expect([...uniqueIds].sort()).toEqual([0, 1, 2]);
  });
});
