/** Against the same figures computed from whole tensors, and models that were changed by a known amount. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openSafetensors } from '../checkpoint/safetensors-reader.ts';
import { modules, weightDelta } from './weight-deltas.ts';

const models = join(import.meta.dirname, '..', '..', 'fixtures', 'models');
const source = (name: string) => ({ base: join(models, name), adapter: null });
const folder = mkdtempSync(join(tmpdir(), 'deltas-'));
afterAll(() => rmSync(folder, { recursive: true }));

function tensor(name: string, model: string): Float32Array {
  const file = openSafetensors(join(models, model, 'model.safetensors'));
  try {
    return new Float32Array(file.read(name).buffer);
  } finally {
    file.close();
  }
}

function relative(name: string): number {
  const [from, to] = [tensor(name, 'base'), tensor(name, 'strong')];
  const norm = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values));
  return norm(from.map((value, index) => to[index]! - value)) / norm(from);
}

test('layer by layer and module by module', async () => {
  const delta = await weightDelta(source('base'), source('strong'));
  const name = (layer: number, part: string): string => `model.layers.${layer}.${part}.weight`;
  for (const layer of delta.relative.keys()) {
    const row = delta.relative[layer]!;
    expect(row).toHaveLength(modules.length);
    expect(row[0]).toBeCloseTo(relative(name(layer, 'self_attn.q_proj')), 6);
    expect(row[6]).toBeCloseTo(relative(name(layer, 'mlp.down_proj')), 6);
  }
  const embedding = delta.others.find((other) => other.name === 'embed_tokens');
  expect(embedding?.relative).toBeCloseTo(relative('model.embed_tokens.weight'), 6);
  expect(delta.total).toBeGreaterThan(0);
});

test('a model against itself has not moved', async () => {
  const delta = await weightDelta(source('base'), source('base'));
  expect(delta.total).toBe(0);
  expect(delta.relative.flat().every((value) => value === 0)).toBe(true);
});

test('shards and another stored type: the rounding to bf16, and no more', async () => {
  const { total } = await weightDelta(source('strong'), source('strong-bf16-sharded'));
  // Half a unit in the last of 8 bits at most; more than nothing, because f32 weights are not bf16.
  expect(total).toBeLessThan(2 ** -8);
  expect(total).toBeGreaterThan(2 ** -12);
});

test('one tensor twice as large is at distance 1, and nothing else has moved', async () => {
  cpSync(join(models, 'base'), folder, { recursive: true });
  const path = join(folder, 'model.safetensors');
  const file = openSafetensors(path);
  const { byteOffset, byteLength } = file.tensors.get('model.layers.1.self_attn.v_proj.weight')!;
  file.close();
  const bytes = readFileSync(path);
  for (let at = byteOffset; at < byteOffset + byteLength; at += 4) {
    bytes.writeFloatLE(2 * bytes.readFloatLE(at), at);
  }
  writeFileSync(path, bytes);
  const delta = await weightDelta(source('base'), { base: folder, adapter: null });
  expect(delta.relative[1]![2]).toBeCloseTo(1, 12);
  expect(delta.relative.flat().filter((value) => value > 0)).toHaveLength(1);
});

test('models of different shapes are refused by the first tensor that differs', async () => {
  await expect(weightDelta(source('base'), source('untied'))).rejects.toMatchObject({
    code: 'model-invalid',
  });
});
