import { describe, expect, it } from 'vitest';
import { createGenerator } from '../curriculum/numpy-random.ts';
import type { Batch, PlacedExample } from './batch.ts';
import { padBatch, targetBucket } from './batch.ts';
import { bucketFor, makeBuckets, makePackingBuckets } from './buckets.ts';
import type { Example } from './example.ts';
import { countAnswerTokens } from './example.ts';
import { packWindow } from './packing.ts';

/** Examples whose tokens are all different, so that every token can be found again. */
function makeExamples(lengths: number[], seed = 1): PlacedExample[] {
  const random = createGenerator(seed);
  let next = 1;
  return lengths.map((length, place) => {
    const prompt = 1 + Math.floor(random.random() * (length - 1));
    const ids = Int32Array.from({ length }, () => next++);
    const completionMask = new Uint8Array(length).fill(1, prompt);
    const rest = { truncated: false, promptIsPrefix: true, fullLength: length };
    const example: Example = { id: place, row: place, ids, completionMask, ...rest };
    return { example, index: 100 + place };
  });
}

function randomLengths(count: number, longest: number, seed: number): number[] {
  const random = createGenerator(seed);
  return Array.from({ length: count }, () => 2 + Math.floor(random.random() * (longest - 1)));
}

/** What every batch has to satisfy, and the (example, label) pairs of its targets. */
function check(batch: Batch, buckets: readonly number[]): string[] {
  const { rows, length, ids, positions, documents, targetRows, labels, targetExamples } = batch;
  expect(buckets).toContain(length);
  for (const array of [ids, positions, documents]) expect(array).toHaveLength(rows * length);
  let tokens = 0;
  const wrong: string[] = [];
  for (let row = 0; row < rows; row++) {
    let document = 0;
    let padding = false;
    for (let t = 0; t < length; t++) {
      const at = row * length + t;
      const found = [ids[at], positions[at], documents[at]].join();
      if (documents[at] === 0) {
        padding = true;
        if (found !== '0,0,0') wrong.push(`${at}: ${found} in the padding`);
        continue;
      }
      tokens++;
      if (padding) wrong.push(`${at}: ${found} after padding`);
      const continues = documents[at] === document && positions[at] === positions[at - 1]! + 1;
      if (!continues && (documents[at] !== ++document || positions[at] !== 0)) {
        wrong.push(`${at}: ${found} neither continues a document nor begins the next`);
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(batch.tokens).toBe(tokens);
  expect(labels).toHaveLength(targetRows.length);
  expect(targetRows.length % 16).toBe(0);
  expect(batch.targets).toBeLessThanOrEqual(targetRows.length);
  for (let at = batch.targets; at < targetRows.length; at++) {
    expect([targetRows[at], labels[at], targetExamples[at]]).toEqual([0, 0, 0]);
  }
  return Array.from({ length: batch.targets }, (_, at) => {
    const from = targetRows[at]!;
    // The label is the next token, of the same document.
    expect(labels[at]).toBe(ids[from + 1]);
    expect(documents[from + 1]).toBe(documents[from]);
    return `${targetExamples[at]}:${labels[at]}`;
  });
}

function expectedTargets(examples: PlacedExample[]): string[] {
  return examples.flatMap(({ example, index }) =>
    [...example.ids].flatMap((id, t) =>
      t > 0 && example.completionMask[t] === 1 ? [`${index}:${id}`] : [],
    ),
  );
}

describe('a packed window', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    for (const rowsPerBatch of [1, 3]) {
      it(`has every answer token exactly once (seed ${seed}, ${rowsPerBatch} rows)`, () => {
        const examples = makeExamples(randomLengths(40, 200, seed), seed);
        const lengths = examples.map(({ example }) => example.ids.length);
        for (const buckets of [makePackingBuckets(lengths, 512), makeBuckets(lengths, 512)]) {
          for (const packing of [true, false]) {
            const batches = packWindow(examples, { buckets, rowsPerBatch, packing });
            const targets = batches.flatMap((batch) => check(batch, buckets));
            expect(targets.sort()).toEqual(expectedTargets(examples).sort());
            const tokens = batches.reduce((sum, batch) => sum + batch.tokens, 0);
            expect(tokens).toBe(lengths.reduce((sum, length) => sum + length, 0));
          }
        }
      });
    }
  }

  it('leaves little empty, and far less than rows of their own', () => {
    const examples = makeExamples(randomLengths(32, 200, 9));
    const buckets = makePackingBuckets(
      examples.map(({ example }) => example.ids.length),
      1024,
    );
    const padded = (packing: boolean) =>
      packWindow(examples, { buckets, rowsPerBatch: 1, packing }).reduce(
        (sum, { rows, length, tokens }) => sum + rows * length - tokens,
        0,
      );
    expect(padded(true)).toBeLessThan(0.35 * padded(false));
  });

  it('depends on nothing but its examples', () => {
    const examples = makeExamples(randomLengths(30, 100, 3));
    const options = { buckets: [128, 256], rowsPerBatch: 2, packing: true };
    expect(packWindow(examples, options)).toEqual(packWindow([...examples], options));
    expect(packWindow([], options)).toEqual([]);
  });

  it('keeps the given order, one example a row, without packing', () => {
    const examples = makeExamples([20, 5, 30]);
    const batches = packWindow(examples, { buckets: [16, 32], rowsPerBatch: 2, packing: false });
    expect(batches.map(({ rows, length }) => [rows, length])).toEqual([
      [2, 32],
      [2, 32],
    ]);
    expect(batches[0]!.ids[0]).toBe(1);
    expect(batches[0]!.ids[32]).toBe(21);
    // The second row of the last batch is empty.
    expect(batches[1]!.documents.slice(32).every((document) => document === 0)).toBe(true);
  });

  it('refuses an example that no bucket holds', () => {
    const examples = makeExamples([40]);
    const options = { buckets: [16, 32], rowsPerBatch: 1 };
    expect(() => packWindow(examples, { ...options, packing: true })).toThrow(/holds 40 tokens/);
    expect(() => packWindow(examples, { ...options, packing: false })).toThrow(/holds 40 tokens/);
  });
});

describe('a padded batch', () => {
  it('is laid out by hand as described', () => {
    const example: Example = {
      id: 'a',
      row: 0,
      ids: Int32Array.of(7, 8, 9),
      completionMask: Uint8Array.of(0, 1, 1),
      truncated: false,
      promptIsPrefix: true,
      fullLength: 3,
      referenceStart: 1,
    };
    const batch = padBatch(
      [
        { example, index: 5 },
        { example, index: 6 },
      ],
      16,
    );
    expect(batch).toMatchObject({ rows: 2, length: 16, targets: 4, tokens: 6 });
    expect(batch.ids.slice(16, 20)).toEqual(Int32Array.of(7, 8, 9, 0));
    expect(batch.positions.slice(16, 20)).toEqual(Int32Array.of(0, 1, 2, 0));
    expect(batch.documents.slice(16, 20)).toEqual(Int32Array.of(1, 1, 1, 0));
    expect(batch.targetRows.slice(0, 5)).toEqual(Int32Array.of(0, 1, 16, 17, 0));
    expect(batch.labels.slice(0, 5)).toEqual(Int32Array.of(8, 9, 8, 9, 0));
    expect(batch.targetExamples.slice(0, 4)).toEqual(Int32Array.of(5, 5, 6, 6));

    const late = padBatch([{ example, index: 5 }], 16, 1, 'reference');
    expect(late.targetRows.slice(0, 2)).toEqual(Int32Array.of(1, 2));
    expect(late.targets).toBe(2);
    const { referenceStart: _, ...tokensOnly } = {
      ...example,
      completionMask: Uint8Array.of(0, 0, 1),
    };
    expect(padBatch([{ example: tokensOnly, index: 0 }], 16, 1, 'reference').targets).toBe(1);
  });

  it('never makes the first token of a document a target', () => {
    const [placed] = makeExamples([4]);
    placed!.example.completionMask.fill(1);
    expect(padBatch([placed!], 16).targets).toBe(3);
    expect(countAnswerTokens(placed!.example)).toBe(3);
  });
});

describe('buckets', () => {
  it('are few, ascending, multiples of 16 or 64, and hold everything', () => {
    for (const seed of [1, 2, 3]) {
      const lengths = randomLengths(500, 1500, seed);
      for (const buckets of [makeBuckets(lengths, 1500), makePackingBuckets(lengths, 1500)]) {
        expect(buckets.length).toBeLessThanOrEqual(4);
        expect([...buckets].sort((a, b) => a - b)).toEqual(buckets);
        for (const bucket of buckets) expect(bucket % (bucket <= 256 ? 16 : 64)).toBe(0);
        expect(bucketFor(Math.max(...lengths), buckets)).toBe(buckets.at(-1));
        expect(buckets.at(-1)).toBeLessThan(1500 + 64);
      }
    }
  });

  it('pad least: no other choice of four is better', () => {
    const lengths = [...randomLengths(60, 30, 1), ...randomLengths(30, 150, 2)];
    const cost = (buckets: number[]) =>
      lengths.reduce((sum, length) => sum + bucketFor(length, buckets), 0);
    const sizes = Array.from({ length: 10 }, (_, index) => 16 * (index + 1));
    const last = Math.ceil(Math.max(...lengths) / 16) * 16;
    let best = Infinity;
    for (const a of sizes) {
      for (const b of sizes)
        for (const c of sizes) {
          const chosen = [...new Set([a, b, c, last])].sort((x, y) => x - y);
          if (chosen.at(-1) === last) best = Math.min(best, cost(chosen));
        }
    }
    expect(cost(makeBuckets(lengths, 200))).toBe(best);
  });

  it('of one length are one bucket', () => {
    expect(makeBuckets([20, 20, 25], 100)).toEqual([32]);
    expect(() => makeBuckets([], 100)).toThrow(/no examples/);
    expect(() => makeBuckets([101], 100)).toThrow(/more than 100/);
  });

  it('of targets are an eighth, a quarter, a half, three quarters or all', () => {
    expect([1, 64, 65, 128, 200, 257, 384, 385, 512].map((n) => targetBucket(n, 512))).toEqual([
      64, 64, 128, 128, 256, 384, 384, 512, 512,
    ]);
    expect(targetBucket(3, 16)).toBe(16);
    expect(() => targetBucket(20, 16)).toThrow(RangeError);
  });
});
