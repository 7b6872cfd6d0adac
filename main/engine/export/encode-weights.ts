/**
 * Weights in the types that other programs read: F32, BF16, F16, and GGUF's Q8_0. A Q8_0 block is 32
 * numbers of one row: the scale d = max|x| / 127 as f16, then 32 signed bytes round(x / d), halves away
 * from zero. The bytes are those of ggml's reference (f32 arithmetic, x times 1 / d).
 * F16 ends at 65,504 and Q8_0 knows neither NaN nor infinity: such weights are refused by name.
 */
import { StudioError } from '../../contract/errors.ts';
import type { StoredDtype } from '../model/merged-weights.ts';
import { convert } from '../model/weights.ts';

export type WeightType = StoredDtype | 'Q8_0';

export const q8Block = { elements: 32, bytes: 34 } as const;

export function encodedBytes(type: WeightType, elements: number): number {
  if (type === 'Q8_0') return (elements / q8Block.elements) * q8Block.bytes;
  return elements * (type === 'F32' ? 4 : 2);
}

/**
 * Pieces of whole elements -> the same in `to`; for Q8_0 every piece is a multiple of 32 elements long.
 * @param name for the error
 * @throws model-unsupported
 */
export function* encodeWeights(
  pieces: Iterable<Uint8Array>,
  from: StoredDtype,
  to: WeightType,
  name: string,
): Generator<Uint8Array> {
  if (from === to) {
    yield* pieces;
  } else if (to === 'F32' || to === 'BF16') {
    yield* convert(pieces, from, to === 'F32' ? 'f32' : 'bf16');
  } else {
    const encode = to === 'F16' ? halves : q8Blocks;
    for (const piece of convert(pieces, from, 'f32')) {
      yield encode(new Float32Array(piece.buffer, piece.byteOffset, piece.byteLength / 4), name);
    }
  }
}

function halves(numbers: Float32Array, name: string): Uint8Array {
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  const encoded = new Uint16Array(numbers.length);
  for (let i = 0; i < bits.length; i++) {
    const half = halfBits(bits[i]!);
    if ((half & 0x7c00) === 0x7c00) throw outside(name, numbers[i]!, 'F16');
    encoded[i] = half;
  }
  return new Uint8Array(encoded.buffer);
}

/** The bits of an f32 -> those of the nearest f16, ties to even. */
export function halfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // From 65,520 on the nearest is infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) {
    const rebiased = magnitude - 0x38000000;
    return sign | ((rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13);
  }
  // Up to half of the smallest subnormal, 2^-25.
  if (magnitude <= 0x33000000) return sign;
  const shift = 126 - (magnitude >>> 23);
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  const lower = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return sign | (rest > half || (rest === half && (lower & 1) === 1) ? lower + 1 : lower);
}

const scale = new Float32Array(1);
const scaleBits = new Uint32Array(scale.buffer);

function q8Blocks(numbers: Float32Array, name: string): Uint8Array {
  const blocks = numbers.length / q8Block.elements;
  const encoded = new Uint8Array(blocks * q8Block.bytes);
  const signed = new Int8Array(encoded.buffer);
  for (let block = 0; block < blocks; block++) {
    const begin = block * q8Block.elements;
    let largest = 0;
    for (let i = begin; i < begin + q8Block.elements; i++) {
      const magnitude = Math.abs(numbers[i]!);
      if (!(magnitude < Infinity)) throw outside(name, numbers[i]!, 'Q8_0');
      if (magnitude > largest) largest = magnitude;
    }
    scale[0] = largest / 127;
    const inverse = scale[0] === 0 ? 0 : Math.fround(1 / scale[0]);
    const half = halfBits(scaleBits[0]!);
    if (half === 0x7c00) throw outside(name, largest, 'Q8_0');
    let to = block * q8Block.bytes;
    encoded[to++] = half & 0xff;
    encoded[to++] = half >>> 8;
    for (let i = begin; i < begin + q8Block.elements; i++) {
      const scaled = Math.fround(numbers[i]! * inverse);
      signed[to++] = scaled < 0 ? -Math.floor(0.5 - scaled) : Math.floor(0.5 + scaled);
    }
  }
  return encoded;
}

function outside(name: string, value: number, type: string): StudioError {
  return new StudioError(
    'model-unsupported',
    `${name} holds the number ${value}, which ${type} cannot hold.`,
    Number.isFinite(value)
      ? 'Export as bf16 or f32.'
      : 'The weights are damaged: training has gone wrong there. Export an earlier checkpoint.',
  );
}
