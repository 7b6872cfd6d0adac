/**
 * numpy's `default_rng(seed)`, bit for bit: SeedSequence spreads the seed over 256 bits, PCG64
 * (XSL-RR output of a 128-bit linear congruential generator, O'Neill 2014) makes 64-bit words.
 * The reference implementation draws its curriculum with it, so an equal seed has to give equal rows.
 *
 * 32-bit words, which `permutation` uses, are halves of 64-bit words, low half first; the unused
 * half waits for the next 32-bit request even when doubles are drawn in between, as in numpy.
 * 128-bit arithmetic is BigInt: about a quarter of a microsecond a word, which no caller notices.
 */
const MASK_64 = (1n << 64n) - 1n;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;
const POOL_WORDS = 4;

export interface NumpyGenerator {
  /** The next raw word, 0 to 2^64 - 1. */
  nextUint64(): bigint;
  /** Uniform in [0, 1): the upper 53 bits of the next word. */
  random(): number;
  /**
   * `choice(n, size, replace=True, p)`: `size` indices below `n`, drawn with replacement.
   * `p` are n non-negative probabilities summing to 1 within 1.5e-8, else a RangeError.
   */
  choice(n: number, size: number, p: ArrayLike<number>): Int32Array;
  /** `permutation(n)`: the numbers 0 to n - 1 in random order; `datasets.shuffle` orders rows so. */
  permutation(n: number): Int32Array;
}

/** A generator for a non-negative integer seed (RangeError otherwise). */
export function createGenerator(seed: number): NumpyGenerator {
  const seeded = seedPcg64(seed);
  const increment = seeded.increment;
  let state = seeded.state;
  let waitingHalf: number | null = null;

  function nextUint64(): bigint {
    state = BigInt.asUintN(128, state * MULTIPLIER + increment);
    const folded = (state >> 64n) ^ (state & MASK_64);
    const rotation = state >> 122n;
    return (folded >> rotation) | BigInt.asUintN(64, folded << (64n - rotation));
  }

  function nextUint32(): number {
    if (waitingHalf !== null) {
      const half = waitingHalf;
      waitingHalf = null;
      return half;
    }
    const word = nextUint64();
    waitingHalf = Number(word >> 32n);
    return Number(word & 0xffffffffn);
  }

  /** Uniform in 0..largest: as many low bits as `largest` has, drawn again while they are above it. */
  function bounded(largest: number): number {
    const mask = 2 ** (32 - Math.clz32(largest)) - 1;
    for (;;) {
      const candidate = (nextUint32() & mask) >>> 0;
      if (candidate <= largest) return candidate;
    }
  }

  function random(): number {
    return Number(nextUint64() >> 11n) * 2 ** -53;
  }

  function choice(n: number, size: number, p: ArrayLike<number>): Int32Array {
    const cumulative = cumulativeProbabilities(n, p);
    const indices = new Int32Array(size);
    for (let draw = 0; draw < size; draw++) indices[draw] = firstAbove(cumulative, random());
    return indices;
  }

  function permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, index) => index);
    for (let last = n - 1; last > 0; last--) {
      const other = bounded(last);
      const kept = order[last]!;
      order[last] = order[other]!;
      order[other] = kept;
    }
    return order;
  }

  return { nextUint64, random, choice, permutation };
}

/** PCG64's 128-bit state and increment for a seed, as `default_rng(seed).bit_generator.state` has them. */
export function seedPcg64(seed: number): { state: bigint; increment: bigint } {
  const words = seedSequence(seed, 8);
  const word64 = (index: number) =>
    BigInt(words[2 * index]!) | (BigInt(words[2 * index + 1]!) << 32n);
  const initial = (word64(0) << 64n) | word64(1);
  const sequence = (word64(2) << 64n) | word64(3);
  const increment = BigInt.asUintN(128, (sequence << 1n) | 1n);
  const state = BigInt.asUintN(128, (increment + initial) * MULTIPLIER + increment);
  return { state, increment };
}

/** `SeedSequence(seed).generate_state(words)`: `words` 32-bit words. */
export function seedSequence(seed: number, words: number): Uint32Array {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`a seed is a non-negative integer below 2^53, not ${seed}`);
  }
  const entropy = [seed >>> 0, Math.floor(seed / 2 ** 32)];
  let constant = 0x43b0d7e5;

  const hash = (value: number) => {
    const mixed = value ^ constant;
    constant = Math.imul(constant, 0x931e8875);
    const product = Math.imul(mixed, constant);
    return product ^ (product >>> 16);
  };
  const mix = (x: number, y: number) => {
    const value = Math.imul(x, 0xca01f9dd) - Math.imul(y, 0x4973f715);
    return value ^ (value >>> 16);
  };

  const pool = new Uint32Array(POOL_WORDS);
  for (let index = 0; index < POOL_WORDS; index++) pool[index] = hash(entropy[index] ?? 0);
  for (let source = 0; source < POOL_WORDS; source++) {
    for (let target = 0; target < POOL_WORDS; target++) {
      if (source !== target) pool[target] = mix(pool[target]!, hash(pool[source]!));
    }
  }

  const output = new Uint32Array(words);
  constant = 0x8b51f9dd;
  for (let index = 0; index < words; index++) {
    const mixed = pool[index % POOL_WORDS]! ^ constant;
    constant = Math.imul(constant, 0x58f38ded);
    const product = Math.imul(mixed, constant);
    output[index] = product ^ (product >>> 16);
  }
  return output;
}

/** Running sums divided by the last one, so that the final entry is exactly 1. */
function cumulativeProbabilities(n: number, p: ArrayLike<number>): Float64Array {
  if (n < 1) throw new RangeError('there is nothing to choose from');
  if (p.length !== n) throw new RangeError(`${n} items but ${p.length} probabilities`);
  const cumulative = new Float64Array(n);
  let total = 0;
  for (let index = 0; index < n; index++) {
    const probability = p[index]!;
    if (!(probability >= 0)) throw new RangeError(`probability ${index} is ${probability}`);
    total += probability;
    cumulative[index] = total;
  }
  if (!(Math.abs(total - 1) <= Math.sqrt(Number.EPSILON))) {
    throw new RangeError(`the probabilities sum to ${total}, not to 1`);
  }
  for (let index = 0; index < n; index++) cumulative[index]! /= total;
  return cumulative;
}

/** numpy's `searchsorted(..., side='right')`: the first index whose value is above `value`. */
function firstAbove(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
