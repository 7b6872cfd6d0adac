/**
 * What the compute engine eats: B rows of T tokens, T one of a few lengths for which programs are
 * compiled. A row holds one or more documents; attention stays within a document, and positions
 * restart with each. The loss looks at R rows of hidden states only, those that predict an answer
 * token: position t predicts token t + 1, so token 0 of a document is never a target. R is rounded up
 * to an eighth, a quarter, a half, three quarters or all of B * T.
 */
import type { Example } from './example.ts';

export interface Batch {
  /** B. */
  rows: number;
  /** T, one of the bucket lengths. */
  length: number;
  /** [B * T] token ids, 0 where there is padding. */
  ids: Int32Array;
  /** [B * T] position within its document, from 0. */
  positions: Int32Array;
  /** [B * T] 1, 2, ... per document within a row, 0 for padding. */
  documents: Int32Array;
  /** [R] flat index b * T + t of the position that predicts (or is measured). */
  targetRows: Int32Array;
  /** [R] the token after it. */
  labels: Int32Array;
  /** [R] index of its example, as given by the caller. */
  targetExamples: Int32Array;
  /** How many of the R entries are real; the others point at row 0, label 0. */
  targets: number;
  /** Tokens that are not padding. */
  tokens: number;
}

/**
 * Which position's distribution belongs to an answer token: the one that predicts it, or, as in the
 * reference implementation's entropy pass, the answer token's own, one position late.
 */
export type Alignment = 'predicting' | 'reference';

/** One document to lay into a row: the example and the number by which the caller knows it. */
export interface PlacedExample {
  example: Example;
  index: number;
}

/**
 * Positions (within the example) whose distributions are used, in order. `reference` counts from
 * `referenceStart` where the example has one: the reference takes the assistant's header for answer.
 */
export function measuredPositions(example: Example, alignment: Alignment): Int32Array {
  const { ids, completionMask } = example;
  const positions: number[] = [];
  if (alignment === 'reference' && example.referenceStart !== undefined) {
    for (let t = example.referenceStart; t < ids.length; t++) positions.push(t);
  } else if (alignment === 'reference') {
    for (let t = 0; t < ids.length; t++) if (completionMask[t] === 1) positions.push(t);
  } else {
    for (let t = 1; t < ids.length; t++) if (completionMask[t] === 1) positions.push(t - 1);
  }
  return Int32Array.from(positions);
}

/** One document a row. The examples must fit into `bucketLength` tokens. */
export function padBatch(
  examples: readonly PlacedExample[],
  bucketLength: number,
  rowsPerBatch: number = examples.length,
  alignment: Alignment = 'predicting',
): Batch {
  const rows = examples.map((placed) => [placed]);
  return layOut(rows, bucketLength, rowsPerBatch, alignment);
}

/**
 * Rows of documents as one batch of `rowsPerBatch` rows; rows beyond those given stay empty.
 * @param room R, where the caller knows better than `targetBucket`
 * @throws RangeError when a row holds more than `length` tokens (a defect of the caller)
 */
export function layOut(
  rows: readonly (readonly PlacedExample[])[],
  length: number,
  rowsPerBatch: number,
  alignment: Alignment,
  room?: number,
): Batch {
  const size = rowsPerBatch * length;
  const ids = new Int32Array(size);
  const positions = new Int32Array(size);
  const documents = new Int32Array(size);
  const targets: { row: number; label: number; example: number }[] = [];
  let tokens = 0;
  rows.forEach((documentsOfRow, row) => {
    let start = row * length;
    documentsOfRow.forEach(({ example, index }, document) => {
      const count = example.ids.length;
      if (row >= rowsPerBatch || start + count > (row + 1) * length) {
        throw new RangeError(`example ${index} (${count} tokens) does not fit its row`);
      }
      ids.set(example.ids, start);
      documents.fill(document + 1, start, start + count);
      for (let t = 0; t < count; t++) positions[start + t] = t;
      for (const t of measuredPositions(example, alignment)) {
        targets.push({ row: start + t, label: example.ids[t + 1] ?? 0, example: index });
      }
      start += count;
      tokens += count;
    });
  });
  const padded = room ?? targetBucket(targets.length, size);
  const targetRows = new Int32Array(padded);
  const labels = new Int32Array(padded);
  const targetExamples = new Int32Array(padded);
  targets.forEach((target, at) => {
    targetRows[at] = target.row;
    labels[at] = target.label;
    targetExamples[at] = target.example;
  });
  return {
    rows: rowsPerBatch,
    length,
    ids,
    positions,
    documents,
    targetRows,
    labels,
    targetExamples,
    targets: targets.length,
    tokens,
  };
}

/** R for so many targets: a share of `size` (see above) in multiples of 16. */
export function targetBucket(targets: number, size: number): number {
  for (const part of [1 / 8, 1 / 4, 1 / 2, 3 / 4, 1]) {
    const bucket = Math.max(16, Math.ceil((size * part) / 16) * 16);
    if (targets <= bucket) return bucket;
  }
  throw new RangeError(`${targets} targets among ${size} positions`);
}
