/** Merged weights against PEFT's (fixtures/lora.json), whole and sharded, f32 and bf16. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fixturePath, readFixtureJson } from '../../fixtures/reference-files.ts';
import { readModelConfig } from '../checkpoint/model-config.ts';
import { checkModelWeights } from '../checkpoint/model-tensors.ts';
import { openModelWeights } from '../checkpoint/model-weights.ts';
import { runSteps } from '../checkpoint/steps.ts';
import { convert } from '../model/weights.ts';
import { planExport } from './export-model.ts';

interface Summary {
  sum: number;
  l2: number;
  points: number[];
}
const expected = readFixtureJson<{ merged_weights: Record<string, Summary> }>('lora.json');
const adapterDir = fixturePath('adapter');

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'wds-merge-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function merge(base: string, out: string, maxShardBytes = 5e9): string[] {
  const planned = planExport({
    source: { base: fixturePath(base), adapter: adapterDir },
    format: 'merged',
    out,
    name: 'merged',
    license: null,
    baseId: null,
    card: () => '# merged\n',
    maxShardBytes,
  });
  try {
    return runSteps(planned.write()).files.map(({ name }) => name);
  } finally {
    planned.close();
  }
}

function readTensor(model: string, name: string): Float32Array {
  const weights = openModelWeights(model);
  const [wide] = convert([weights.read(name)], weights.tensors.get(name)!.dtype, 'f32');
  weights.close();
  return new Float32Array(wide!.slice().buffer);
}

it('gives the weights that PEFT gives, in a folder that is complete', () => {
  const out = join(folder, 'merged');
  const files = merge('models/strong', out);
  expect(readdirSync(out).sort()).toEqual(files.sort());
  expect(files).toContain('tokenizer.json');
  const weights = openModelWeights(out);
  checkModelWeights(readModelConfig(out), weights);
  weights.close();
  const names = Object.keys(expected.merged_weights);
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const merged = readTensor(out, name);
    const summary = expected.merged_weights[name]!;
    summary.points.forEach((point, index) => {
      const place = Math.floor((index * merged.length) / summary.points.length);
      expect(Math.abs(merged[place]! - point), name).toBeLessThan(1e-6);
    });
    const sum = merged.reduce((total, value) => total + value, 0);
    expect(Math.abs(sum - summary.sum), name).toBeLessThan(1e-3);
  }
  const untouched = 'model.layers.1.input_layernorm.weight';
  expect(readTensor(out, untouched)).toEqual(readTensor(fixturePath('models/strong'), untouched));
});

it('keeps bf16 and shards, each element rounded once', () => {
  const out = join(folder, 'merged');
  merge('models/strong-bf16-sharded', out, 150_000);
  expect(readdirSync(out).filter((name) => name.startsWith('model-')).length).toBeGreaterThan(1);
  const name = 'model.layers.2.mlp.down_proj.weight';
  const merged = openModelWeights(out);
  expect(merged.tensors.get(name)!.dtype).toBe('BF16');
  merged.close();
  const ours = readTensor(out, name);
  expected.merged_weights[name]!.points.forEach((point, index, { length }) => {
    // Two roundings to 8 bits: of the base and of the sum.
    const place = Math.floor((index * ours.length) / length);
    expect(Math.abs(ours[place]! - point)).toBeLessThan(2 ** -7 * (Math.abs(point) + 0.1));
  });
});
