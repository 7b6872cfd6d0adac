/** Whole rows of logits out of an open measuring session, for texts up to the length it was made for. */
import type { Session } from '../graph/session.ts';
import type { BatchShape } from '../train/batch-shape.ts';
import { shapeName } from '../train/batch-shape.ts';

export interface LogitReader {
  /**
   * [positions, V] predictions made after the tokens at `positions`, at most `shape.targets` of them.
   * The array is valid until the next read.
   */
  read(ids: readonly number[], positions: readonly number[]): Float32Array;
}

/** `shape`: one of the session's `logitsShapes`, of one row. */
export function logitReader(session: Session, shape: BatchShape, vocabulary: number): LogitReader {
  const { length, targets } = shape;
  const padded = (fill: (position: number) => number, count: number): Int32Array =>
    Int32Array.from({ length }, (_, position) => (position < count ? fill(position) : 0));
  return {
    read(ids, positions) {
      if (ids.length > length || positions.length > targets) {
        throw new RangeError(`${ids.length} tokens, ${positions.length} rows: more than the shape`);
      }
      const last = positions.at(-1) ?? 0;
      const { logits } = session.call(`logits:${shapeName(shape)}`, {
        ids: padded((position) => ids[position]!, ids.length),
        positions: padded((position) => position, ids.length),
        documents: padded(() => 1, ids.length),
        targetRows: Int32Array.from({ length: targets }, (_, row) => positions[row] ?? last),
        labels: new Int32Array(targets),
      });
      return (logits as Float32Array).subarray(0, positions.length * vocabulary);
    },
  };
}
