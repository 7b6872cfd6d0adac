/**
 * Next-token logits of a strong model, of a weak one, and of their mixture
 *   z = (1 - lambda) z_weak + lambda z_strong   (WD-JT, equation 3)
 * at every position of a text. Rows of the vocabulary come a chunk at a time, so that a long text
 * over a large vocabulary never stands in memory whole; each chunk runs the layers again.
 */
import { StudioError } from '../../contract/errors.ts';
import { readModelConfig } from '../checkpoint/model-config.ts';
import type { TensorSource } from '../checkpoint/safetensors-writer.ts';
import type { Placement } from '../graph/library.ts';
import { openMeasuring } from '../train/measure-session.ts';
import type { ModelSource } from '../train/model-source.ts';
import type { Precision } from '../train/precision.ts';
import { requireSameVocabulary } from '../train/same-vocabulary.ts';
import type { LogitReader } from './logit-reader.ts';
import { logitReader } from './logit-reader.ts';
import { mixLogits } from './mixture.ts';

export interface LogitRows {
  /** Position of the first row; row i holds the prediction made at position begin + i. */
  begin: number;
  /** [rows, V] */
  strong: Float32Array;
  weak: Float32Array | null;
  mixed: Float32Array | null;
}

export interface LogitInspector {
  /** T */
  length: number;
  /** V */
  vocabulary: number;
  /** All rows in order. Arrays are valid until the next ones are asked for. */
  rows(): Iterable<LogitRows>;
  close(): void;
}

export interface InspectorOptions {
  strong: ModelSource;
  weak: { source: ModelSource; lambda: number } | null;
  ids: readonly number[];
  precision: Precision;
  placement: Placement;
}

const chunkBytes = 64 * 1024 * 1024;

/**
 * @throws vocabulary-mismatch where weak and strong do not share their tokens, data-invalid for ids
 * that the model does not have, and what opening a model throws
 */
export async function openLogitInspector(options: InspectorOptions): Promise<LogitInspector> {
  const { strong, weak, ids } = options;
  const { vocabularySize: vocabulary, maxPositions } = readModelConfig(strong.base);
  if (weak) requireSameVocabulary(strong.base, weak.source.base);
  checkIds(ids, vocabulary, maxPositions);
  const targets = Math.min(ids.length, Math.max(1, Math.floor(chunkBytes / (4 * vocabulary))));
  const shape = { rows: 1, length: ids.length, targets };
  const open = async (source: ModelSource): Promise<Reader> => {
    const { session } = await openMeasuring({
      ...options,
      source,
      measureShapes: [],
      logitsShapes: [shape],
    });
    return { ...logitReader(session, shape, vocabulary), close: () => session.close() };
  };
  const strongReader = await open(strong);
  let weakReader: Reader | null = null;
  try {
    weakReader = weak && (await open(weak.source));
  } catch (error) {
    strongReader.close();
    throw error;
  }
  return {
    length: ids.length,
    vocabulary,
    *rows() {
      for (let begin = 0; begin < ids.length; begin += targets) {
        const count = Math.min(targets, ids.length - begin);
        const positions = Array.from({ length: count }, (_, row) => begin + row);
        const rows = strongReader.read(ids, positions);
        const other = weakReader?.read(ids, positions) ?? null;
        const mixed = other && mixLogits(other, rows, weak!.lambda);
        yield { begin, strong: rows, weak: other, mixed };
      }
    },
    close() {
      strongReader.close();
      weakReader?.close();
    },
  };
}

interface Reader extends LogitReader {
  close(): void;
}

/** `strong`, and `weak` and `mixed` where there is a weak model, [T, V] f32, for a safetensors file. */
export function logitTensors(inspector: LogitInspector): TensorSource[] {
  const { length, vocabulary } = inspector;
  const [first] = inspector.rows();
  const names = (['strong', 'weak', 'mixed'] as const).filter((name) => first![name] !== null);
  return names.map((name) => ({
    name,
    dtype: 'F32',
    shape: [length, vocabulary],
    byteLength: 4 * length * vocabulary,
    *chunks() {
      for (const rows of inspector.rows()) {
        const { buffer, byteOffset, byteLength } = rows[name]!;
        yield new Uint8Array(buffer, byteOffset, byteLength);
      }
    },
  }));
}

function checkIds(ids: readonly number[], vocabulary: number, maxPositions: number): void {
  const refuse = (message: string): StudioError =>
    new StudioError(
      'data-invalid',
      message,
      'Use the ids that `wds tokenize` gives for this model.',
    );
  if (ids.length === 0) throw refuse('There are no token ids.');
  if (ids.length > maxPositions) {
    throw refuse(`There are ${ids.length} token ids; the model takes ${maxPositions}.`);
  }
  const index = ids.findIndex((id) => !Number.isInteger(id) || id < 0 || id >= vocabulary);
  if (index >= 0) {
    const range = `the model has tokens 0 to ${vocabulary - 1}`;
    throw refuse(`Token id ${ids[index]} at position ${index} does not exist; ${range}.`);
  }
}
