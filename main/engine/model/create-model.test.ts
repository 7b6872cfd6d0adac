import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readModelConfig } from '../checkpoint/model-config.ts';
import { checkModelWeights } from '../checkpoint/model-tensors.ts';
import { openModelWeights } from '../checkpoint/model-weights.ts';
import { trainBpe } from '../tokenizer/train-bpe.ts';
import type { NewModel } from './create-model.ts';
import { createModel, shapeOfConfig } from './create-model.ts';
import { modelShapes } from './model-shapes.ts';
import { normalTable, randomTensor } from './random-weights.ts';

const root = mkdtempSync(join(tmpdir(), 'wds-create-'));
const out = (name: string) => join(root, name);
const settings = { shape: modelShapes.demo, tokenizer: root, seed: 5, dtype: 'f32' } as const;
const make = (name: string, other: Partial<NewModel> = {}) =>
  createModel({ ...settings, out: out(name), ...other });
const digest = (name: string) =>
  createHash('sha256')
    .update(readFileSync(join(out(name), 'model.safetensors')))
    .digest('hex');

function floats(folder: string, tensor: string): Float32Array {
  const weights = openModelWeights(folder);
  const bytes = weights.read(tensor).slice();
  const isHalf = weights.tensors.get(tensor)!.dtype === 'BF16';
  weights.close();
  if (!isHalf) return new Float32Array(bytes.buffer);
  const words = Uint32Array.from(new Uint16Array(bytes.buffer), (half) => half << 16);
  return new Float32Array(words.buffer);
}

beforeAll(() => {
  const { tokenizer, tokenizerConfig } = trainBpe({ texts: ['one two'], vocabularySize: 300 });
  writeFileSync(join(root, 'tokenizer.json'), JSON.stringify(tokenizer));
  writeFileSync(join(root, 'tokenizer_config.json'), JSON.stringify(tokenizerConfig));
  make('plain');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('createModel', () => {
  test('makes a complete folder of the shape asked for', () => {
    const config = readModelConfig(out('plain'));
    expect(shapeOfConfig(config)).toEqual({ ...modelShapes.demo, vocabularySize: 320 });
    const weights = openModelWeights(out('plain'));
    checkModelWeights(config, weights);
    weights.close();
    expect(config.eosTokenIds).toHaveLength(2);
  });

  test('weights follow from the seed, and tensors differ from one another', () => {
    make('again');
    make('other', { seed: 6 });
    expect(digest('again')).toBe(digest('plain'));
    expect(digest('other')).not.toBe(digest('plain'));
    const [first, second] = [0, 1].map((layer) =>
      floats(out('plain'), `model.layers.${layer}.mlp.up_proj.weight`),
    );
    expect(correlation(first!, second!)).toBeLessThan(0.02);
    expect(
      correlation(first!, floats(out('other'), 'model.layers.0.mlp.up_proj.weight')),
    ).toBeLessThan(0.02);
  });

  test('bf16 is the rounded f32 model, and shards hold the same tensors', () => {
    make('half', { dtype: 'bf16', maxShardBytes: 500_000 });
    const [whole, half] = ['plain', 'half'].map((name) =>
      floats(out(name), 'model.layers.3.self_attn.q_proj.weight'),
    );
    half!.forEach((value, index) => {
      expect(Math.abs(value - whole![index]!)).toBeLessThanOrEqual(Math.abs(whole![index]!) / 256);
    });
    const weights = openModelWeights(out('half'));
    checkModelWeights(readModelConfig(out('half')), weights);
    expect(new Set([...weights.tensors.values()].map(({ file }) => file)).size).toBeGreaterThan(3);
    weights.close();
  });

  test('norms are 1, matrices normal with deviation 0.02', () => {
    expect(new Set(floats(out('plain'), 'model.layers.2.self_attn.k_norm.weight'))).toEqual(
      new Set([1]),
    );
    const { mean, deviation, kurtosis } = moments(
      floats(out('plain'), 'model.embed_tokens.weight'),
    );
    expect(Math.abs(mean)).toBeLessThan(3 * (0.02 / Math.sqrt(51_200)));
    expect(deviation).toBeCloseTo(0.02, 3);
    expect(Math.abs(kurtosis - 3)).toBeLessThan(0.1);
  });

  test('refuses a folder with a model, and a vocabulary that is too small', () => {
    expect(() => make('plain')).toThrow('holds config.json already');
    const small = { ...modelShapes.demo, vocabularySize: 100 };
    expect(() => make('small', { shape: small })).toThrow('tokens, the model would have 100');
  });
});

describe('random weights', () => {
  test('the table is symmetric, sorted and has exactly the variance asked for', () => {
    const table = new Float32Array(normalTable(0.02, 'F32').buffer);
    expect(moments(table).deviation).toBeCloseTo(0.02, 7);
    const mirrored = Float32Array.from(table, (value) => -value).reverse();
    expect(Buffer.from(mirrored.buffer).equals(Buffer.from(table.buffer))).toBe(true);
    expect(table.every((value, index) => index === 0 || value > table[index - 1]!)).toBe(true);
    // One and two standard deviations cut off the shares that every table of the normal law gives.
    const below = (limit: number) => table.filter((value) => value < limit).length / table.length;
    expect(below(-0.02)).toBeCloseTo(0.158655, 3);
    expect(below(0.04)).toBeCloseTo(0.97725, 3);
  });

  test('neighbours are independent, also across the border of slices', () => {
    const elements = (1 << 20) + 6;
    const source = randomTensor('x', [elements], 1, normalTable(1, 'F32'));
    const values = new Float32Array(elements);
    let at = 0;
    for (const chunk of source.chunks()) {
      values.set(new Float32Array(chunk.buffer, chunk.byteOffset, chunk.length / 4), at);
      at += chunk.length / 4;
    }
    expect(at).toBe(elements);
    // The end, where the second slice begins. One deviation of the estimate is 0.003.
    const tail = values.subarray(-100_000);
    for (const lag of [1, 2, 3, 256]) {
      const shifted = correlation(tail.subarray(lag), tail.subarray(0, tail.length - lag));
      expect(Math.abs(shifted)).toBeLessThan(0.015);
    }
    expect(new Set(values.subarray(0, 8)).size).toBe(8);
    expect([...values.subarray(-6)]).not.toEqual([...values.subarray(0, 6)]);
  });
});

function moments(values: Float32Array) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const central = (power: number) =>
    values.reduce((sum, value) => sum + (value - mean) ** power, 0) / values.length;
  return { mean, deviation: Math.sqrt(central(2)), kurtosis: central(4) / central(2) ** 2 };
}

function correlation(left: Float32Array, right: Float32Array): number {
  const [a, b] = [moments(left), moments(right)];
  const covariance = left.reduce(
    (sum, value, index) => sum + (value - a.mean) * (right[index]! - b.mean),
    0,
  );
  return covariance / left.length / (a.deviation * b.deviation);
}
