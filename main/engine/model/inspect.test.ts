/** Logits of both models against fixtures/forward.safetensors, and their mixture. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { largestDifference } from '../../fixtures/deviation.ts';
import { fixturePath, readFixtureTensors } from '../../fixtures/reference-files.ts';
import { compiledIslands } from '../../fixtures/reference-model.ts';
import { openSafetensors } from '../checkpoint/safetensors-reader.ts';
import { writeSafetensors } from '../checkpoint/safetensors-writer.ts';
import { logitTensors, openLogitInspector } from './inspect.ts';

const reference = readFixtureTensors('forward.safetensors');
const [, length] = reference.shape('unpadded.input_ids') as [number, number];
const ids = [...reference.i32('unpadded.input_ids').subarray(0, length)];
const source = (name: string) => ({ base: fixturePath(`models/${name}`), adapter: null });
const settings = {
  precision: { weights: 'f32', compute: 'f32' },
  placement: compiledIslands,
} as const;

it('gives the reference logits of both models and their mixture, in a file', async () => {
  const weak = { source: source('base'), lambda: 0.42 };
  const inspector = await openLogitInspector({ strong: source('strong'), weak, ids, ...settings });
  const folder = mkdtempSync(join(tmpdir(), 'wds-inspect-'));
  try {
    const path = join(folder, 'logits.safetensors');
    writeSafetensors(path, logitTensors(inspector));
    const file = openSafetensors(path);
    const read = (name: string) => new Float32Array(file.read(name).buffer as ArrayBuffer);
    expect(file.tensors.get('mixed')!.shape).toEqual([length, inspector.vocabulary]);
    const count = length * inspector.vocabulary;
    const expected = (name: string) => reference.f32(`${name}.unpadded.logits`).subarray(0, count);
    expect(largestDifference(read('strong'), expected('strong'))).toBeLessThan(1e-4);
    expect(largestDifference(read('weak'), expected('base'))).toBeLessThan(1e-4);
    const mixed = expected('strong').map((z, i) => 0.58 * expected('base')[i]! + 0.42 * z);
    expect(largestDifference(read('mixed'), mixed)).toBeLessThan(1e-4);
    file.close();
  } finally {
    inspector.close();
    rmSync(folder, { recursive: true });
  }
});

it('refuses ids that the model does not have', async () => {
  for (const wrong of [[], [-1], [1e6], [0.5], Array.from({ length: 5000 }, () => 1)]) {
    const options = { strong: source('strong'), weak: null, ids: wrong, ...settings };
    await expect(openLogitInspector(options)).rejects.toMatchObject({ code: 'data-invalid' });
  }
});
