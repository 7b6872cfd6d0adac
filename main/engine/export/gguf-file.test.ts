/** Our bytes against a file that the Python package gguf has written (fixtures/gguf/make.py). */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fixturePath } from '../../fixtures/reference-files.ts';
import { encodeWeights, type WeightType } from './encode-weights.ts';
import { ggufChunks, ggufDataBytes, type GgufTensor, type GgufValue } from './gguf-file.ts';

const numbers = Float32Array.from({ length: 128 }, (_, index) => {
  const i = index % 32;
  if (index < 32) return (((i * 37) % 101) - 50) / 8;
  if (index < 64) return 0;
  if (index < 96) return (i - 16) * 2 ** -26;
  return (i ** 3 % 65521) - 32760;
});

function tensor(type: WeightType, name: string, shape: number[], data: Float32Array): GgufTensor {
  const bytes = new Uint8Array(data.buffer);
  // In two pieces, as a large tensor comes.
  const pieces = shape.length === 1 ? [bytes] : [bytes.slice(0, 256), bytes.slice(256)];
  return { name, type, shape, chunks: () => encodeWeights(pieces, 'F32', type, name) };
}

const metadata = new Map<string, GgufValue>([
  ['general.architecture', { type: 'string', value: 'qwen3' }],
  ['general.name', { type: 'string', value: 'Größe 日本' }],
  ['qwen3.block_count', { type: 'u32', value: 3 }],
  ['qwen3.attention.layer_norm_rms_epsilon', { type: 'f32', value: 1e-6 }],
  ['tokenizer.ggml.add_bos_token', { type: 'bool', value: false }],
  ['general.sampling.top_k', { type: 'i32', value: -1 }],
  ['tokenizer.ggml.tokens', { type: 'strings', value: ['a', 'Ġb', '<|im_end|>'] }],
  ['tokenizer.ggml.token_type', { type: 'i32s', value: [1, 1, 3] }],
]);

it('writes what the package gguf writes, byte for byte, in all four types', () => {
  const tensors = [
    ...(['F32', 'F16', 'BF16', 'Q8_0'] as const).map((type) =>
      tensor(type, `values.${type}`, [2, 64], numbers),
    ),
    tensor('F32', 'odd', [5], Float32Array.of(0, 1, 2, 3, 4)),
  ];
  const ours = Buffer.concat([...ggufChunks(metadata, tensors)]);
  const theirs = readFileSync(fixturePath('gguf/sample.gguf'));
  expect(ours.length).toBe(theirs.length);
  expect(ours.findIndex((byte, index) => byte !== theirs[index])).toBe(-1);
  expect(ggufDataBytes(tensors)).toBe(512 + 256 + 256 + 160 + 32);
});

it('writes a header that one can follow by hand', () => {
  const one = new Map<string, GgufValue>([['k', { type: 'u32', value: 258 }]]);
  const bytes = Buffer.concat([...ggufChunks(one, [tensor('F32', 't', [1], new Float32Array(1))])]);
  expect(bytes.toString('hex')).toBe(
    [
      '47475546' + '03000000', // GGUF, version 3
      '0100000000000000' + '0100000000000000', // one tensor, one entry
      '0100000000000000' + '6b' + '04000000' + '02010000', // k, u32, 258
      '0100000000000000' + '74' + '01000000' + '0100000000000000', // t, one size: 1
      '00000000' + '0000000000000000', // F32 at 0
      '00'.repeat(96 - 74), // to a multiple of 32
      '00'.repeat(32), // the number, and padding
    ].join(''),
  );
});

it('takes a vocabulary of 300,000 tokens', () => {
  const value = Array.from({ length: 300_000 }, (_, id) => `t${id}`);
  const [header] = ggufChunks(new Map([['tokens', { type: 'strings', value }]]), []);
  expect(header!.length).toBeGreaterThan(3_000_000);
});

it('notices tensors that contradict themselves', () => {
  const short: GgufTensor = { ...tensor('F32', 't', [4], new Float32Array(3)), shape: [4] };
  expect(() => [...ggufChunks(new Map(), [short])]).toThrow('t gave 12 bytes instead of 16');
  const uneven = tensor('Q8_0', 'u', [2, 48], new Float32Array(96));
  expect(() => [...ggufChunks(new Map(), [uneven])]).toThrow(/rows that do not fill/);
  const same = [1, 2].map(() => tensor('F32', 't', [1], new Float32Array(1)));
  expect(() => [...ggufChunks(new Map(), same)]).toThrow('t is written twice');
});
