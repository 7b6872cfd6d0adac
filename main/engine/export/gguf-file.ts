/**
 * The container GGUF, version 3, little-endian: "GGUF", version, number of tensors and of metadata
 * entries; the entries (key, type, value); for each tensor its name, its sizes (the fastest first, so
 * the reverse of safetensors'), its type and its offset in the data; then the data, each tensor at a
 * multiple of 32. Strings are a u64 length and UTF-8. Written chunk by chunk: a model is never in
 * memory as a whole. Specified in ggml's docs/gguf.md.
 */
import { elementCount } from '../graph/dtype.ts';
import { encodedBytes, q8Block, type WeightType } from './encode-weights.ts';

export type GgufValue =
  | { type: 'u32' | 'i32' | 'f32'; value: number }
  | { type: 'bool'; value: boolean }
  | { type: 'string'; value: string }
  | { type: 'strings'; value: readonly string[] }
  | { type: 'i32s'; value: readonly number[] };

export interface GgufTensor {
  name: string;
  type: WeightType;
  /** As in safetensors: rows first. For Q8_0 a row is a multiple of 32 long. */
  shape: readonly number[];
  /** The encoded bytes; called once. */
  chunks(): Iterable<Uint8Array>;
}

const version = 3;
const alignment = 32;
const valueTypes = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;
const tensorTypes: Record<WeightType, number> = { F32: 0, F16: 1, Q8_0: 8, BF16: 30 };

/**
 * The bytes of the whole file, in order.
 * @throws RangeError for tensors that contradict themselves; whatever their chunks throw
 */
export function* ggufChunks(
  metadata: ReadonlyMap<string, GgufValue>,
  tensors: readonly GgufTensor[],
): Generator<Uint8Array> {
  const header = joined([...headerParts(metadata, tensors)]);
  yield header;
  yield padding(header.length);
  for (const tensor of tensors) {
    const size = tensorBytes(tensor);
    let written = 0;
    for (const chunk of tensor.chunks()) {
      written += chunk.length;
      yield chunk;
    }
    if (written !== size) {
      throw new RangeError(`${tensor.name} gave ${written} bytes instead of ${size}`);
    }
    yield padding(size);
  }
}

/** Bytes of data, without the header. */
export function ggufDataBytes(tensors: readonly GgufTensor[]): number {
  return tensors.reduce((sum, tensor) => sum + aligned(tensorBytes(tensor)), 0);
}

function tensorBytes({ name, type, shape }: GgufTensor): number {
  if (type === 'Q8_0' && shape.at(-1)! % q8Block.elements !== 0) {
    throw new RangeError(`${name} [${shape.join(', ')}] has rows that do not fill Q8_0's blocks`);
  }
  return encodedBytes(type, elementCount(shape));
}

function* headerParts(
  metadata: ReadonlyMap<string, GgufValue>,
  tensors: readonly GgufTensor[],
): Generator<Uint8Array> {
  yield new TextEncoder().encode('GGUF');
  yield u32(version);
  yield u64(tensors.length);
  yield u64(metadata.size);
  for (const [key, value] of metadata) {
    yield* text(key);
    yield* valueParts(value);
  }
  const names = new Set<string>();
  let offset = 0;
  for (const tensor of tensors) {
    if (names.has(tensor.name)) throw new RangeError(`${tensor.name} is written twice`);
    names.add(tensor.name);
    yield* text(tensor.name);
    yield u32(tensor.shape.length);
    for (const size of [...tensor.shape].reverse()) yield u64(size);
    yield u32(tensorTypes[tensor.type]);
    yield u64(offset);
    offset += aligned(tensorBytes(tensor));
  }
}

function* valueParts(value: GgufValue): Generator<Uint8Array> {
  switch (value.type) {
    case 'u32':
      yield u32(valueTypes.u32);
      yield u32(value.value);
      break;
    case 'i32':
      yield u32(valueTypes.i32);
      yield new Uint8Array(Int32Array.of(value.value).buffer);
      break;
    case 'f32':
      yield u32(valueTypes.f32);
      yield new Uint8Array(Float32Array.of(value.value).buffer);
      break;
    case 'bool':
      yield u32(valueTypes.bool);
      yield Uint8Array.of(value.value ? 1 : 0);
      break;
    case 'string':
      yield u32(valueTypes.string);
      yield* text(value.value);
      break;
    case 'strings':
      yield* arrayHead(valueTypes.string, value.value.length);
      for (const element of value.value) yield* text(element);
      break;
    case 'i32s':
      yield* arrayHead(valueTypes.i32, value.value.length);
      yield new Uint8Array(Int32Array.from(value.value).buffer);
  }
}

function* arrayHead(elementType: number, length: number): Generator<Uint8Array> {
  yield u32(valueTypes.array);
  yield u32(elementType);
  yield u64(length);
}

function* text(value: string): Generator<Uint8Array> {
  const bytes = new TextEncoder().encode(value);
  yield u64(bytes.length);
  yield bytes;
}

function u32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

function u64(value: number): Uint8Array {
  return new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

function padding(written: number): Uint8Array {
  return new Uint8Array(aligned(written) - written);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}
