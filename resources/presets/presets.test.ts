/** Every preset is a valid run config, and the demo's files are what its README says. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runConfigSchema } from '../../main/contract/config.ts';
import { readModelConfig } from '../../main/engine/checkpoint/model-config.ts';
import { checkModelWeights } from '../../main/engine/checkpoint/model-tensors.ts';
import { openModelWeights } from '../../main/engine/checkpoint/model-weights.ts';
import type { ArithmeticRow } from '../../main/engine/data/arithmetic.ts';
import { loadTokenizer } from '../../main/engine/tokenizer/tokenizer.ts';
import { parseConfig } from '../../main/host/config-text.ts';
import { listPresets, readPreset } from '../../main/host/presets.ts';

const presets = dirname(fileURLToPath(import.meta.url));
const demo = join(presets, '..', 'demo');
const rows = (file: string) =>
  readFileSync(join(demo, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ArithmeticRow);

describe('presets', () => {
  test.each(listPresets(presets).map((preset) => [preset.name, preset] as const))(
    '%s is a valid run config',
    (_name, { config, title, description }) => {
      expect(runConfigSchema.safeParse(config).error).toBeUndefined();
      expect(title.length * description.length).toBeGreaterThan(0);
    },
  );

  test('there is one for the demo and for each way of training Qwen3-4B', () => {
    expect(listPresets(presets).map(({ name }) => name)).toEqual([
      'demo',
      'lora-qwen3-4b',
      'sft-qwen3-4b',
      'wmss-qwen3-4b',
    ]);
  });

  test("the paper preset keeps the defaults, which are the paper's", () => {
    const { config } = readPreset(presets, 'wmss-qwen3-4b');
    const parsed = runConfigSchema.parse(config);
    const bare = runConfigSchema.parse({ model: parsed.model, data: { file: parsed.data.file } });
    for (const part of ['optimizer', 'schedule', 'curriculum', 'batch', 'lora', 'seed'] as const) {
      expect(parsed[part]).toEqual(bare[part]);
    }
    expect([parsed.joint.lambda, parsed.joint.freezeWeak]).toEqual([0.5, false]);
  });
});

describe('the demo', () => {
  const config = runConfigSchema.parse(readPreset(presets, 'demo').config);

  test('all its files are there, and its base is a Qwen3 of 1 to 3 million parameters', () => {
    for (const path of [config.model, config.data.file, config.evaluation.heldOut!]) {
      expect(existsSync(path), path).toBe(true);
    }
    const weights = openModelWeights(config.model);
    checkModelWeights(readModelConfig(config.model), weights);
    const parameters = [...weights.tensors.values()].reduce(
      (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
      0,
    );
    weights.close();
    expect(parameters).toBeGreaterThan(1e6);
    expect(parameters).toBeLessThan(3e6);
  });

  test('no held-out problem is among the training problems', () => {
    const training = new Set(rows('train.jsonl').map(({ prompt }) => prompt));
    const heldOut = rows('held-out.jsonl');
    expect(heldOut.length).toBeGreaterThanOrEqual(300);
    expect(heldOut.filter(({ prompt }) => training.has(prompt))).toEqual([]);
  });

  test('rows fit its lengths', () => {
    const tokenizer = loadTokenizer(config.model);
    const longest = Math.max(
      ...rows('held-out.jsonl').map(({ completion }) => tokenizer.encode(completion).length),
    );
    expect(longest + 1).toBeLessThanOrEqual(config.evaluation.maxNewTokens);
  });

  test('the config that made its base is valid', () => {
    const path = join(demo, 'base.yaml');
    const made = parseConfig(readFileSync(path, 'utf8'), path);
    expect(runConfigSchema.safeParse(made).error).toBeUndefined();
  });
});
