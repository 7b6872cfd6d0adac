import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readModelConfig } from './model-config.ts';
import { checkModelWeights, expectedTensors } from './model-tensors.ts';

/** transformers 4.x layout, as Qwen3's own folders have it. */
const OLDER = {
  architectures: ['Qwen3ForCausalLM'],
  model_type: 'qwen3',
  attention_bias: false,
  eos_token_id: 509,
  head_dim: 32,
  hidden_act: 'silu',
  hidden_size: 64,
  intermediate_size: 160,
  max_position_embeddings: 4096,
  max_window_layers: 28,
  num_attention_heads: 4,
  num_hidden_layers: 3,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-6,
  sliding_window: null,
  tie_word_embeddings: true,
  use_sliding_window: false,
  vocab_size: 520,
  rope_scaling: null,
  rope_theta: 1000000,
  torch_dtype: 'bfloat16',
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'model-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function read(fields: Record<string, unknown>) {
  writeFileSync(join(folder, 'config.json'), JSON.stringify(fields));
  return readModelConfig(folder);
}

describe('config.json', () => {
  it('reads the older layout', () => {
    const { raw, ...config } = read(OLDER);
    expect(config).toEqual({
      vocabularySize: 520,
      hiddenSize: 64,
      intermediateSize: 160,
      layers: 3,
      heads: 4,
      keyValueHeads: 2,
      headDim: 32,
      rmsNormEpsilon: 1e-6,
      ropeTheta: 1000000,
      tieWordEmbeddings: true,
      maxPositions: 4096,
      eosTokenIds: [509],
      dtype: 'bf16',
    });
    expect(raw).toEqual(OLDER);
  });

  it('reads the newer layout to the same result', () => {
    const { rope_theta, rope_scaling, torch_dtype, ...common } = OLDER;
    expect(rope_scaling).toBeNull();
    const newer = read({
      ...common,
      dtype: torch_dtype,
      layer_types: ['full_attention', 'full_attention', 'full_attention'],
      rope_parameters: { rope_theta, rope_type: 'default' },
    });
    expect({ ...newer, raw: null }).toEqual({ ...read(OLDER), raw: null });
  });

  it('takes the end tokens of generation_config.json', () => {
    writeFileSync(join(folder, 'generation_config.json'), '{"eos_token_id": [509, 507]}');
    expect(read(OLDER).eosTokenIds).toEqual([509, 507]);
  });

  it('accepts a sliding window that no layer uses', () => {
    expect(read({ ...OLDER, sliding_window: 4096 }).layers).toBe(3);
    expect(read({ ...OLDER, sliding_window: 4096, use_sliding_window: true }).layers).toBe(3);
  });

  it.each([
    [{ model_type: 'qwen3_moe' }, 'mixture-of-experts'],
    [{ model_type: 'llama' }, 'model_type is "llama"'],
    [{ model_type: undefined }, 'model_type is missing'],
    [{ architectures: ['Qwen3ForSequenceClassification'] }, 'Qwen3ForSequenceClassification'],
    [{ attention_bias: true }, 'attention_bias'],
    [{ hidden_act: 'gelu' }, 'hidden_act is gelu'],
    [{ rope_scaling: { rope_type: 'yarn', factor: 4 } }, 'rope_scaling: yarn'],
    [{ rope_parameters: { rope_type: 'linear', rope_theta: 1e6 } }, 'rope_parameters: linear'],
    [{ quantization_config: { quant_method: 'fp8' } }, 'quantised'],
    [{ torch_dtype: 'float8' }, 'dtype is float8'],
    [
      { use_sliding_window: true, sliding_window: 8, max_window_layers: 2 },
      'sliding-window attention',
    ],
    [
      { layer_types: ['full_attention', 'sliding_attention', 'full_attention'] },
      'layers of type sliding_attention',
    ],
  ])('refuses what is not a dense Qwen3: %j', (change, reason) => {
    expect(() => read({ ...OLDER, ...change })).toThrow(
      expect.objectContaining({
        code: 'model-unsupported',
        message: expect.stringContaining(reason),
      }),
    );
  });

  it.each([
    [{ hidden_size: undefined }, 'hidden_size is missing'],
    [{ hidden_size: '64' }, 'hidden_size is "64"'],
    [{ num_hidden_layers: 1e12 }, 'num_hidden_layers is 1000000000000'],
    [{ vocab_size: -1 }, 'vocab_size is -1'],
    [{ head_dim: 31 }, 'head_dim 31 is odd'],
    [{ num_key_value_heads: 3 }, 'not a multiple'],
    [{ rms_norm_eps: 0 }, 'rms_norm_eps is 0'],
    [{ eos_token_id: [1, 'x'] }, 'eos_token_id "x"'],
    [{ layer_types: ['full_attention'] }, 'layer_types has 1 entries for 3 layers'],
  ])('refuses broken fields: %j', (change, reason) => {
    expect(() => read({ ...OLDER, ...change })).toThrow(
      expect.objectContaining({ code: 'model-invalid', message: expect.stringContaining(reason) }),
    );
  });

  it('names a missing, malformed or foreign file', () => {
    expect(() => readModelConfig(join(folder, 'nowhere'))).toThrow(
      expect.objectContaining({ code: 'file-missing' }),
    );
    for (const text of ['{"model_type": "qwen3",', '[1]', '']) {
      writeFileSync(join(folder, 'config.json'), text);
      expect(() => readModelConfig(folder)).toThrow(
        expect.objectContaining({ code: 'model-invalid' }),
      );
    }
  });
});

describe('expected tensors', () => {
  const tensorsOf = (fields: Record<string, unknown>) => {
    const config = read(fields);
    const tensors = new Map<string, { dtype: string; shape: number[]; file: string }>();
    for (const [name, shape] of expectedTensors(config)) {
      tensors.set(name, { dtype: 'BF16', shape, file: 'model.safetensors' });
    }
    return { config, tensors };
  };

  it('has eleven tensors a layer, the embedding, the last norm, and the head if untied', () => {
    const tied = tensorsOf(OLDER);
    expect(tied.tensors.size).toBe(3 * 11 + 2);
    expect(tied.tensors.get('model.layers.2.self_attn.k_proj.weight')!.shape).toEqual([64, 64]);
    expect(tied.tensors.get('model.layers.0.self_attn.o_proj.weight')!.shape).toEqual([64, 128]);
    expect(tied.tensors.get('model.layers.0.mlp.down_proj.weight')!.shape).toEqual([64, 160]);
    expect(tensorsOf({ ...OLDER, tie_word_embeddings: false }).tensors.size).toBe(3 * 11 + 3);
    expect(() => checkModelWeights(tied.config, tied)).not.toThrow();
  });

  it('ignores a tied head and saved rotary frequencies', () => {
    const { config, tensors } = tensorsOf(OLDER);
    const extra = { dtype: 'F32', shape: [520, 64], file: 'model.safetensors' };
    tensors.set('lm_head.weight', extra).set('model.rotary_emb.inv_freq', extra);
    expect(() => checkModelWeights(config, { tensors })).not.toThrow();
  });

  it('names what is missing, surplus, misshapen or of another dtype', () => {
    const { config, tensors } = tensorsOf(OLDER);
    const changed = (name: string, entry: object | null) => {
      const copy = new Map(tensors);
      if (entry === null) copy.delete(name);
      else copy.set(name, { ...tensors.get('model.norm.weight')!, ...entry });
      return () => checkModelWeights(config, { tensors: copy });
    };
    expect(changed('model.norm.weight', null)).toThrow('model.norm.weight is missing');
    expect(changed('model.layers.3.mlp.up_proj.weight', {})).toThrow(
      'model.layers.3.mlp.up_proj.weight is in the weights but not part',
    );
    expect(changed('model.norm.weight', { shape: [63] })).toThrow(
      'model.norm.weight in model.safetensors has shape [63], expected [64]',
    );
    expect(changed('model.norm.weight', { dtype: 'F8_E4M3' })).toThrow('stored as F8_E4M3');
    const none = () => checkModelWeights(config, { tensors: new Map() });
    expect(none).toThrow('model.embed_tokens.weight and 34 other tensors are missing');
  });
});
