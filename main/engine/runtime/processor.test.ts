import { expect, it } from 'vitest';
import { describeProcessor, parseInstructions } from './processor.ts';

it('finds the relevant instruction sets, whole words only', () => {
  const cpuinfo =
    'processor\t: 0\nmodel name\t: Intel(R) Xeon(R)\nflags\t\t: fpu avx avx2 fma avx512f avx512_bf16 amx_tile amx_bf16\nbugs\t\t: spectre_v1\n';
  expect(parseInstructions(cpuinfo)).toEqual([
    'avx',
    'avx2',
    'fma',
    'avx512f',
    'avx512_bf16',
    'amx_tile',
    'amx_bf16',
  ]);
  expect(parseInstructions('flags\t\t: avx512_bf16x\n')).toEqual([]);
  expect(parseInstructions('')).toEqual([]);
});

it('describes this machine', () => {
  const processor = describeProcessor();
  expect(processor.threads).toBeGreaterThan(0);
  // TensorFlow does not run without it.
  expect(processor.instructions).toContain('avx');
});
