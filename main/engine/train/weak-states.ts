/**
 * The weak cache: a frozen weak model says the same to the same batch every time, so its final hidden
 * states at the answer rows are computed once and kept on disk, one file per micro-batch. Training then
 * holds of the weak model only the head: the step costs hardly more than SFT's, and its weights take
 * no memory. Another lambda or learning rate over the same order of data reads what is there.
 *
 * A file is named by the hash of all that its content depends on (weak model, types, batch) and ends
 * with the hash of the content itself. 2 H bytes an answer token in bf16: 5.1 GB a million for
 * Qwen3-4B.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import { requireDiskSpace } from '../checkpoint/disk-space.ts';
import { writeFileDurably } from '../checkpoint/durable-file.ts';
import type { Batch } from '../data/batch.ts';
import type { Feed } from '../graph/call.ts';
import { shapeName } from './batch-shape.ts';
import { shapeOf } from './batch-plan.ts';

export interface WeakStatesKey {
  /** Names the weak model's content. */
  fingerprint: string;
  /** H */
  hidden: number;
  weights: 'f32' | 'bf16';
  compute: 'f32' | 'bf16';
  /** TensorFlow's version and the processor or GPU: others may round otherwise. */
  machine: string;
}

const hashBytes = 32;

export class WeakStates {
  readonly folder: string;
  private readonly key: WeakStatesKey;

  constructor(folder: string, key: WeakStatesKey) {
    this.folder = folder;
    this.key = key;
  }

  bytesOf({ labels }: Batch): number {
    return labels.length * this.key.hidden * (this.key.compute === 'f32' ? 4 : 2) + hashBytes;
  }

  has(batch: Batch): boolean {
    const path = this.pathOf(batch);
    return existsSync(path) && statSync(path).size === this.bytesOf(batch);
  }

  /** @throws disk-full, file-unwritable */
  write(batch: Batch, words: Feed & ArrayBufferView): void {
    const content = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    writeFileDurably(this.pathOf(batch), [content, hashOf(content)]);
  }

  /** The words that `statesPlaceholder` takes. @throws cache-damaged after removing what is damaged */
  read(batch: Batch): Int32Array | Float32Array {
    const path = this.pathOf(batch);
    const file = readFileSync(path);
    const content = file.subarray(0, -hashBytes);
    if (!hashOf(content).equals(file.subarray(-hashBytes))) {
      rmSync(path, { force: true });
      throw new StudioError(
        'cache-damaged',
        `A file of the weak agent's states was damaged: ${path}.`,
        'It has been removed; resume the run, and it is computed again.',
      );
    }
    // A copy: the file's buffer may begin anywhere.
    const { buffer } = Uint8Array.from(content);
    return this.key.compute === 'f32' ? new Float32Array(buffer) : new Int32Array(buffer);
  }

  /** Makes the folder. @throws disk-full where the batches would not fit */
  makeRoomFor(batches: readonly Batch[]): void {
    mkdirSync(this.folder, { recursive: true });
    const bytes = batches.reduce((sum, batch) => sum + this.bytesOf(batch), 0);
    requireDiskSpace(this.folder, bytes, "The cache of the weak agent's states");
  }

  private pathOf(batch: Batch): string {
    const hash = createHash('sha256').update(JSON.stringify(this.key)).update(nameOfShape(batch));
    for (const { buffer, byteOffset, byteLength } of contentOf(batch)) {
      hash.update(new Uint8Array(buffer, byteOffset, byteLength));
    }
    return join(this.folder, `${hash.digest('hex').slice(0, 40)}.states`);
  }
}

/** All that the states depend on; labels only choose the rows. */
function contentOf({ ids, positions, documents, targetRows }: Batch): Int32Array[] {
  return [ids, positions, documents, targetRows];
}

function nameOfShape(batch: Batch): string {
  return shapeName(shapeOf(batch));
}

function hashOf(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest();
}
