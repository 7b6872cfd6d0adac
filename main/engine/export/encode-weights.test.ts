/** F16 and Q8_0 against numbers worked out by hand, and every f16 there is. */
import { expect, it } from 'vitest';
import { convert } from '../model/weights.ts';
import { encodedBytes, encodeWeights, halfBits, type WeightType } from './encode-weights.ts';

function bitsOf(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0]!;
}

function zeros(length: number): number[] {
  return Array.from({ length }, () => 0);
}

function encode(values: readonly number[], to: WeightType): Uint8Array {
  const piece = new Uint8Array(Float32Array.from(values).buffer);
  return Buffer.concat([...encodeWeights([piece], 'F32', to, 'blk.0')]);
}

it.each([
  [1, 0x3c00],
  [-2, 0xc000],
  [65504, 0x7bff],
  [65519.99609375, 0x7bff],
  [65520, 0x7c00],
  [Infinity, 0x7c00],
  // Half way between two neighbours: to the even one.
  [1 + 2 ** -11, 0x3c00],
  [1 + 3 * 2 ** -11, 0x3c02],
  [1 + 2 ** -11 + 2 ** -23, 0x3c01],
  // The smallest normal number, subnormal ones, and what rounds to nothing.
  [2 ** -14, 0x0400],
  [2 ** -14 - 2 ** -25, 0x0400],
  [2 ** -24, 0x0001],
  [3 * 2 ** -25, 0x0002],
  [2 ** -25, 0x0000],
  [2 ** -25 + 2 ** -48, 0x0001],
  [-(2 ** -30), 0x8000],
  [0, 0],
])('%d as f16', (value, half) => {
  expect(halfBits(bitsOf(value))).toBe(half);
});

it('gives back each of the 63,488 finite f16', () => {
  const halves = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);
  const finite = halves.filter((bits) => (bits & 0x7c00) !== 0x7c00);
  const [wide] = convert([new Uint8Array(finite.buffer)], 'F16', 'f32');
  const [back] = encodeWeights([wide!], 'F32', 'F16', 'all');
  expect(Buffer.compare(back!, new Uint8Array(finite.buffer))).toBe(0);
  expect(finite.length).toBe(63_488);
});

it('makes a block of Q8_0: scale, then 32 bytes, halves away from zero', () => {
  // The largest is 127, so the scale is 1 (0x3c00 in f16).
  const values = [127, -127, 0.5, -0.5, 1.5, -2.5, 0.49, 2.51, ...zeros(24)];
  const block = encode(values, 'Q8_0');
  expect(block.length).toBe(34);
  expect([...block.subarray(0, 2)]).toEqual([0x00, 0x3c]);
  expect([...new Int8Array(block.buffer, block.byteOffset + 2, 8)]).toEqual([
    127, -127, 1, -1, 2, -3, 0, 3,
  ]);
  expect(encodedBytes('Q8_0', 64)).toBe(68);
});

it('makes zeros of a block of zeros', () => {
  expect(encode(zeros(32), 'Q8_0').every((byte) => byte === 0)).toBe(true);
});

it('is at most half a step off', () => {
  const values = Array.from({ length: 320 }, (_, i) => Math.sin(i * 1.7) * 3 ** ((i >> 5) - 3));
  const encoded = encode(values, 'Q8_0');
  for (let block = 0; block < 10; block++) {
    const [scale] = convert([encoded.slice(34 * block, 34 * block + 2)], 'F16', 'f32');
    const step = new Float32Array(scale!.slice().buffer)[0]!;
    for (let i = 0; i < 32; i++) {
      const back = new Int8Array(encoded.buffer, encoded.byteOffset)[34 * block + 2 + i]! * step;
      // The scale itself is rounded to 11 bits.
      expect(Math.abs(back - values[32 * block + i]!)).toBeLessThan(step * (0.5 + 127 * 2 ** -11));
    }
  }
});

it.each([
  ['F16', 70_000, /blk\.0 holds the number 70000, which F16 cannot hold/],
  ['F16', Number.NaN, /NaN/],
  ['Q8_0', Number.NaN, /NaN/],
  ['Q8_0', Infinity, /Infinity/],
  ['Q8_0', 1e10, /10000000000, which Q8_0 cannot hold/],
] as const)('refuses for %s the number %d', (type, value, message) => {
  expect(() => encode([value, ...zeros(31)], type)).toThrow(message);
});
