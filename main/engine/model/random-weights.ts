/**
 * normal(0, deviation) numbers, a function of (seed, tensor name, index) alone: any slice of any tensor
 * can be made by itself and in any order, so models of any size are written without being in memory.
 * An index pair goes through two rounds of a 32-bit mixing function (lowbias32, C. Wellons) with the
 * tensor's keys between them; each half of the result picks an entry of a table of the normal
 * distribution's 65,536 quantiles, already in the file's type. That costs about 3 ns a weight.
 * Departures from torch.nn.init.normal_: other numbers, of which there are 65,536 different ones, and
 * none beyond 4.3 deviations.
 */
import type { TensorSource } from '../checkpoint/safetensors-writer.ts';

const quantiles = 65_536;
const sliceElements = 1 << 20;

export type RandomDtype = 'F32' | 'BF16';

/** The 65,536 quantiles of normal(0, deviation) as bits of the type, in ascending order. */
export function normalTable(deviation: number, dtype: RandomDtype): Uint32Array | Uint16Array {
  const values = new Float32Array(quantiles);
  let sumOfSquares = 0;
  for (let index = 0; index < quantiles / 2; index++) {
    const quantile = inverseNormal((index + 0.5) / quantiles);
    values[index] = quantile;
    values[quantiles - 1 - index] = -quantile;
    sumOfSquares += 2 * quantile * quantile;
  }
  // A table of finitely many quantiles lacks the tails: scaled so that the variance is exact again.
  const scale = deviation / Math.sqrt(sumOfSquares / quantiles);
  for (let index = 0; index < quantiles; index++) values[index] = values[index]! * scale;
  const bits = new Uint32Array(values.buffer);
  if (dtype === 'F32') return bits;
  return Uint16Array.from(bits, (word) => (word + 0x7fff + ((word >>> 16) & 1)) >>> 16);
}

/** One tensor of random weights for the safetensors writer; `table` as `normalTable` makes it. */
export function randomTensor(
  name: string,
  shape: readonly number[],
  seed: number,
  table: Uint32Array | Uint16Array,
): TensorSource {
  const elements = shape.reduce((product, dimension) => product * dimension, 1);
  const dtype = table instanceof Uint32Array ? 'F32' : 'BF16';
  const [first, second] = keysOf(seed, name);
  function* chunks(): Generator<Uint8Array> {
    const slice =
      table instanceof Uint32Array
        ? new Uint32Array(sliceElements)
        : new Uint16Array(sliceElements);
    for (let start = 0; start < elements; start += sliceElements) {
      const count = Math.min(sliceElements, elements - start);
      fillRandom(slice, count, start / 2, first, second, table);
      yield new Uint8Array(slice.buffer, 0, count * slice.BYTES_PER_ELEMENT);
    }
  }
  return { name, dtype, shape, byteLength: elements * table.BYTES_PER_ELEMENT, chunks };
}

/** All elements 1: the norms. */
export function onesTensor(
  name: string,
  shape: readonly number[],
  dtype: RandomDtype,
): TensorSource {
  const elements = shape.reduce((product, dimension) => product * dimension, 1);
  const ones =
    dtype === 'F32' ? new Float32Array(elements).fill(1) : new Uint16Array(elements).fill(0x3f80);
  const bytes = new Uint8Array(ones.buffer);
  return { name, dtype, shape, byteLength: bytes.length, chunks: () => [bytes] };
}

/** `count` weights from the pair number `pair` on. */
function fillRandom(
  slice: Uint32Array | Uint16Array,
  count: number,
  pair: number,
  first: number,
  second: number,
  table: Uint32Array | Uint16Array,
): void {
  for (let index = 0; index < count; index += 2, pair++) {
    const word = mix((mix(pair ^ first) + second) | 0);
    slice[index] = table[word & 0xffff]!;
    // A tensor of odd size has one number too many here, which is not written.
    slice[index + 1] = table[word >>> 16]!;
  }
}

/** lowbias32: a bijection of the 32-bit numbers whose every output bit depends on every input bit. */
function mix(value: number): number {
  value = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  value = Math.imul(value ^ (value >>> 15), 0x846ca68b);
  return value ^ (value >>> 16);
}

/** Two 32-bit keys of a tensor. */
function keysOf(seed: number, name: string): [number, number] {
  let key = mix(seed >>> 0) ^ mix(Math.floor(seed / 2 ** 32) + 0x9e3779b9);
  for (let index = 0; index < name.length; index++)
    key = mix((key ^ name.charCodeAt(index)) + index);
  return [key, mix(key ^ 0x85ebca6b)];
}

/** Acklam's rational approximation of the normal quantile for p <= 0.5, relative error below 1.2e-9. */
function inverseNormal(p: number): number {
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    const numerator =
      ((((-7.784894002430293e-3 * q - 3.223964580411365e-1) * q - 2.400758277161838) * q -
        2.549732539343734) *
        q +
        4.374664141464968) *
        q +
      2.938163982698783;
    const denominator =
      (((7.784695709041462e-3 * q + 3.224671290700398e-1) * q + 2.445134137142996) * q +
        3.754408661907416) *
        q +
      1;
    return numerator / denominator;
  }
  const q = p - 0.5;
  const r = q * q;
  const numerator =
    ((((-3.969683028665376e1 * r + 2.209460984245205e2) * r - 2.759285104469687e2) * r +
      1.38357751867269e2) *
      r -
      3.066479806614716e1) *
      r +
    2.506628277459239;
  const denominator =
    ((((-5.447609879822406e1 * r + 1.615858368580409e2) * r - 1.556989798598866e2) * r +
      6.680131188771972e1) *
      r -
      1.328068155288572e1) *
      r +
    1;
  return (q * numerator) / denominator;
}
