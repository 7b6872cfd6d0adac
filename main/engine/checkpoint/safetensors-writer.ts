/**
 * Writes safetensors files as a stream: tensors hand over their bytes chunk by chunk, so a model is
 * never in memory as a whole. As in the reference implementation the header is padded with spaces to a
 * multiple of 8 and tensors with larger elements come first, which keeps every tensor aligned.
 * Large models are split into shards with Hugging Face's `model.safetensors.index.json`.
 */
import { join } from 'node:path';
import type { WrittenFile } from './durable-file.ts';
import { durableFileSteps } from './durable-file.ts';
import { bytesPerElement } from './safetensors-header.ts';
import { runSteps, type Steps } from './steps.ts';

export type WritableDtype = 'F32' | 'BF16' | 'F16' | 'I32' | 'U8';

export interface TensorSource {
  name: string;
  dtype: WritableDtype;
  shape: readonly number[];
  byteLength: number;
  /** The tensor's bytes, little-endian, row by row; called once. A chunk may be reused after the next. */
  chunks(): Iterable<Uint8Array>;
}

/** transformers marks the framework this way; some loaders refuse files without it. */
const HUGGING_FACE_METADATA = { format: 'pt' };

/** A tensor that is in memory already. */
export function tensorFromArray(
  name: string,
  dtype: WritableDtype,
  shape: readonly number[],
  data: Float32Array | Int32Array | Uint16Array | Uint8Array,
): TensorSource {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dtype, shape, byteLength: bytes.length, chunks: () => [bytes] };
}

/**
 * One file, complete and on the disk when this returns. An empty list of tensors gives a valid file.
 * @throws disk-full, file-unwritable; a RangeError for sources that contradict themselves
 */
export function writeSafetensors(
  path: string,
  tensors: readonly TensorSource[],
  metadata: Readonly<Record<string, string>> = HUGGING_FACE_METADATA,
): WrittenFile {
  return runSteps(safetensorsSteps(path, tensors, metadata));
}

/** The same chunk by chunk; left early, nothing remains. */
export function safetensorsSteps(
  path: string,
  tensors: readonly TensorSource[],
  metadata: Readonly<Record<string, string>> = HUGGING_FACE_METADATA,
): Steps<WrittenFile> {
  return durableFileSteps(path, fileChunks(byElementSize(tensors), metadata));
}

/**
 * A model in Hugging Face's layout: `model.safetensors`, or, if it is larger than `maxShardBytes`,
 * `model-00001-of-0000N.safetensors` and so on with their index. Gives the files by name.
 */
export function writeShardedModel(
  folder: string,
  tensors: readonly TensorSource[],
  options: { maxShardBytes: number },
): Map<string, WrittenFile> {
  return runSteps(shardedModelSteps(folder, tensors, options));
}

/** The same chunk by chunk. */
export function* shardedModelSteps(
  folder: string,
  tensors: readonly TensorSource[],
  options: { maxShardBytes: number },
): Steps<Map<string, WrittenFile>> {
  const written = new Map<string, WrittenFile>();
  const shards = splitIntoShards(tensors, options.maxShardBytes);
  if (shards.length <= 1) {
    const name = 'model.safetensors';
    return written.set(name, yield* safetensorsSteps(join(folder, name), tensors));
  }
  const weightMap: [string, string][] = [];
  for (const [index, shard] of shards.entries()) {
    const name = `model-${fiveDigits(index + 1)}-of-${fiveDigits(shards.length)}.safetensors`;
    written.set(name, yield* safetensorsSteps(join(folder, name), shard));
    for (const tensor of shard) weightMap.push([tensor.name, name]);
  }
  weightMap.sort(([a], [b]) => (a < b ? -1 : 1));
  const totalSize = tensors.reduce((sum, tensor) => sum + tensor.byteLength, 0);
  const index = { metadata: { total_size: totalSize }, weight_map: Object.fromEntries(weightMap) };
  const text = new TextEncoder().encode(`${JSON.stringify(index, null, 2)}\n`);
  const name = 'model.safetensors.index.json';
  return written.set(name, yield* durableFileSteps(join(folder, name), [text]));
}

function* fileChunks(
  tensors: readonly TensorSource[],
  metadata: Readonly<Record<string, string>>,
): Generator<Uint8Array> {
  yield headerBytes(tensors, metadata);
  for (const tensor of tensors) {
    let bytes = 0;
    for (const chunk of tensor.chunks()) {
      bytes += chunk.length;
      yield chunk;
    }
    if (bytes !== tensor.byteLength) {
      throw new RangeError(`${tensor.name} gave ${bytes} bytes instead of ${tensor.byteLength}`);
    }
  }
}

function headerBytes(
  tensors: readonly TensorSource[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  // Entries are joined as text because a name such as __proto__ cannot be set on a plain object.
  const entries = Object.keys(metadata).length > 0 ? [entry('__metadata__', metadata)] : [];
  const names = new Set<string>();
  let offset = 0;
  for (const { name, dtype, shape, byteLength } of tensors) {
    const size = shape.reduce((product, dimension) => product * dimension, elementSize(dtype));
    if (size !== byteLength) {
      throw new RangeError(`${name} [${shape.join(', ')}] ${dtype} has ${byteLength} bytes`);
    }
    if (names.has(name)) throw new RangeError(`${name} is written twice`);
    names.add(name);
    entries.push(entry(name, { dtype, shape, data_offsets: [offset, offset + byteLength] }));
    offset += byteLength;
  }
  const json = new TextEncoder().encode(`{${entries.join(',')}}`);
  const padded = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(padded.buffer).setBigUint64(0, BigInt(padded.length - 8), true);
  padded.set(json, 8);
  return padded;
}

function entry(name: string, value: object): string {
  return `${JSON.stringify(name)}:${JSON.stringify(value)}`;
}

function byElementSize(tensors: readonly TensorSource[]): TensorSource[] {
  return [...tensors].sort((a, b) => elementSize(b.dtype) - elementSize(a.dtype));
}

function elementSize(dtype: WritableDtype): number {
  return bytesPerElement(dtype)!;
}

/** Whole tensors, in order, as many as fit; a tensor above the limit gets a shard of its own. */
function splitIntoShards(tensors: readonly TensorSource[], maxBytes: number): TensorSource[][] {
  const shards: TensorSource[][] = [];
  let room = 0;
  for (const tensor of tensors) {
    const current = shards.at(-1);
    if (current && tensor.byteLength <= room) {
      current.push(tensor);
      room -= tensor.byteLength;
    } else {
      shards.push([tensor]);
      room = maxBytes - tensor.byteLength;
    }
  }
  return shards;
}

function fiveDigits(value: number): string {
  return String(value).padStart(5, '0');
}
