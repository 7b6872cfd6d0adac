import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Qwen3Config } from './model-config.ts';
import { adapterTensors, openPeftAdapter, writePeftAdapter } from './peft-adapter.ts';
import { LORA_TARGETS } from './peft-config.ts';
import { tensorFromArray } from './safetensors-writer.ts';

/** Written by PEFT for the fixtures' `strong` model. */
const FIXTURE = join(import.meta.dirname, '../../fixtures/adapter');
const MODEL: Qwen3Config = {
  vocabularySize: 520,
  hiddenSize: 64,
  intermediateSize: 160,
  layers: 3,
  heads: 4,
  keyValueHeads: 2,
  headDim: 32,
  rmsNormEpsilon: 1e-6,
  ropeTheta: 1e6,
  tieWordEmbeddings: true,
  maxPositions: 4096,
  eosTokenIds: [],
  dtype: 'f32',
  raw: {},
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'adapter-'));
  for (const name of ['adapter_config.json', 'adapter_model.safetensors']) {
    copyFileSync(join(FIXTURE, name), join(folder, name));
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

function changeConfig(change: Record<string, unknown>) {
  const path = join(folder, 'adapter_config.json');
  const raw = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...raw, ...change }));
}

describe('a PEFT adapter', () => {
  it('is read under the engine’s names', () => {
    const adapter = openPeftAdapter(FIXTURE, MODEL);
    expect(adapter.config).toEqual({
      rank: 4,
      alpha: 8,
      dropout: 0,
      targets: Object.keys(LORA_TARGETS),
      baseModel: 'models/strong',
    });
    expect(adapter.tensors.size).toBe(3 * 7 * 2);
    expect(adapter.tensors.get('model.layers.2.mlp.down_proj.lora_A')!.shape).toEqual([4, 160]);
    expect(adapter.tensors.get('model.layers.0.self_attn.k_proj.lora_B')!.shape).toEqual([64, 4]);
    const values = new Float32Array(adapter.read('model.layers.1.self_attn.q_proj.lora_B').buffer);
    expect(values).toHaveLength(128 * 4);
    expect(values.some((value) => value !== 0)).toBe(true);
    adapter.close();
  });

  it('is the same after writing', () => {
    const original = openPeftAdapter(FIXTURE, MODEL);
    const sources = [...original.tensors].map(([name, { shape }]) =>
      tensorFromArray(name, 'F32', shape, original.read(name)),
    );
    const files = writePeftAdapter(folder, { ...original.config, targets: ['q_proj'] }, sources);
    expect([...files.keys()].sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
    expect(() => openPeftAdapter(folder, MODEL)).toThrow('belongs to no target');

    writePeftAdapter(folder, original.config, sources);
    const copy = openPeftAdapter(folder, MODEL);
    expect(copy.config).toEqual(original.config);
    expect([...copy.tensors.keys()].sort()).toEqual([...original.tensors.keys()].sort());
    for (const name of original.tensors.keys()) {
      expect(Buffer.from(copy.read(name)).equals(original.read(name)), name).toBe(true);
    }
    original.close();
    copy.close();
  });

  it('has an A and a B for every target of every layer', () => {
    const tensors = adapterTensors(MODEL, { rank: 2, targets: ['v_proj', 'o_proj'] });
    expect([...tensors].slice(0, 4)).toEqual([
      ['model.layers.0.self_attn.v_proj.lora_A', [2, 64]],
      ['model.layers.0.self_attn.v_proj.lora_B', [64, 2]],
      ['model.layers.0.self_attn.o_proj.lora_A', [2, 128]],
      ['model.layers.0.self_attn.o_proj.lora_B', [64, 2]],
    ]);
    expect(tensors.size).toBe(12);
  });

  it.each([
    [{ peft_type: 'IA3' }, 'peft_type "IA3"'],
    [{ task_type: 'SEQ_CLS' }, 'task_type SEQ_CLS'],
    [{ bias: 'all' }, 'bias all'],
    [{ use_dora: true }, 'use_dora'],
    [{ use_rslora: true }, 'use_rslora'],
    [{ use_something_new: true }, 'use_something_new'],
    [{ lora_bias: true }, 'lora_bias'],
    [{ rank_pattern: { q_proj: 8 } }, 'rank_pattern'],
    [{ alpha_pattern: { q_proj: 8 } }, 'alpha_pattern'],
    [{ modules_to_save: ['lm_head'] }, 'modules_to_save'],
    [{ layers_to_transform: [0] }, 'layers_to_transform'],
    [{ init_lora_weights: 'pissa' }, 'init_lora_weights "pissa"'],
    [{ target_modules: '.*q_proj' }, 'target_modules ".*q_proj"'],
    [{ target_modules: [] }, 'target_modules []'],
    [{ target_modules: ['q_proj', 'embed_tokens'] }, 'target module "embed_tokens"'],
  ])('is refused where it means something else: %j', (change, feature) => {
    changeConfig(change);
    expect(() => openPeftAdapter(folder, MODEL)).toThrow(
      expect.objectContaining({
        code: 'model-unsupported',
        message: expect.stringContaining(feature),
      }),
    );
  });

  it.each([
    [{ r: 8 }, 'q_proj.lora_A has shape [4, 64], the model and the rank ask for [8, 64]'],
    [{ r: 0 }, 'r is 0'],
    [{ r: 1.5 }, 'r is 1.5'],
    [{ r: '4' }, 'r is "4"'],
    [{ lora_alpha: -1 }, 'lora_alpha is -1'],
    [{ lora_dropout: 2 }, 'lora_dropout is 2'],
    [{ target_modules: ['q_proj'] }, 'belongs to no target'],
  ])('is refused where it contradicts itself: %j', (change, reason) => {
    changeConfig(change);
    expect(() => openPeftAdapter(folder, MODEL)).toThrow(
      expect.objectContaining({ code: 'model-invalid', message: expect.stringContaining(reason) }),
    );
  });

  it('is refused on another model, without weights, and with pickled ones', () => {
    expect(() => openPeftAdapter(folder, { ...MODEL, layers: 4 })).toThrow(
      'model.layers.3.self_attn.q_proj.lora_A is missing',
    );
    expect(() => openPeftAdapter(folder, { ...MODEL, layers: 2 })).toThrow('belongs to no target');
    rmSync(join(folder, 'adapter_model.safetensors'));
    expect(() => openPeftAdapter(folder, MODEL)).toThrow(
      expect.objectContaining({ code: 'file-missing' }),
    );
    writeFileSync(join(folder, 'adapter_model.bin'), '');
    expect(() => openPeftAdapter(folder, MODEL)).toThrow('can run code');
  });
});
