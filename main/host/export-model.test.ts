/** Every format from every kind of checkpoint, what is refused, and that nothing half done remains. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { parse } from 'yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunConfigInput } from '../contract/config.ts';
import type { ModelExportRequest } from '../contract/model-export.ts';
import { saveCheckpoint } from '../engine/checkpoint/checkpoint-folder.ts';
import { readModelConfig } from '../engine/checkpoint/model-config.ts';
import { expectedTensors } from '../engine/checkpoint/model-tensors.ts';
import { openModelWeights } from '../engine/checkpoint/model-weights.ts';
import { openPeftAdapter } from '../engine/checkpoint/peft-adapter.ts';
import { openMergedWeights } from '../engine/model/merged-weights.ts';
import { convert } from '../engine/model/weights.ts';
import { loadTokenizer } from '../engine/tokenizer/tokenizer.ts';
import { readGguf } from '../fixtures/read-gguf.ts';
import { fixturePath } from '../fixtures/reference-files.ts';
import { makeRunFolder } from '../fixtures/report/run-folder.ts';
import { exportModel } from './export-model.ts';

const strong = fixturePath('models/strong');
const adapter = fixturePath('adapter');
const projection = 'model.layers.1.self_attn.q_proj.weight';

let folder: string;
let runsRoot: string;
let out: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'wds-export-')));
  runsRoot = join(folder, 'runs');
  out = join(folder, 'out');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(request: Partial<ModelExportRequest> & Pick<ModelExportRequest, 'format'>) {
  return exportModel({ checkpoint: strong, out, ...request }, { runsRoot });
}

function card(path = join(out, 'README.md')): Record<string, unknown> {
  const [, yaml] = /^---\n([\s\S]*?)\n---\n\n# /.exec(readFileSync(path, 'utf8'))!;
  return parse(yaml!) as Record<string, unknown>;
}

function numbers(model: string, name: string): Float32Array {
  const weights = openModelWeights(model);
  const [wide] = convert([weights.read(name)], weights.tensors.get(name)!.dtype, 'f32');
  weights.close();
  return new Float32Array(wide!.slice().buffer);
}

/** A finished run whose enhanced model is real. */
function finishedRun(config: Partial<RunConfigInput> = {}): string {
  mkdirSync(runsRoot, { recursive: true });
  const path = makeRunFolder(runsRoot, 'first', { rows: 20, items: 20, steps: 5, config });
  const enhanced = join(path, 'stages', 'extract', 'model');
  rmSync(enhanced, { recursive: true, force: true });
  cpSync(strong, enhanced, { recursive: true });
  return path;
}

describe('hf', () => {
  it('gives the same tensors, with tokenizer and card', async () => {
    const exported = await run({ format: 'hf' });
    expect(exported).toMatchObject({ format: 'hf', name: 'strong', path: out, dtype: 'f32' });
    expect(readdirSync(out).sort()).toEqual(exported.files.map(({ name }) => name));
    expect(exported.files.map(({ name }) => name)).toEqual([
      'README.md',
      'config.json',
      'generation_config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    expect(readModelConfig(out)).toEqual(readModelConfig(strong));
    const before = openModelWeights(strong);
    const after = openModelWeights(out);
    expect([...after.tensors.keys()].sort()).toEqual([...before.tensors.keys()].sort());
    for (const name of before.tensors.keys()) {
      expect(Buffer.compare(after.read(name), before.read(name)), name).toBe(0);
    }
    before.close();
    after.close();
    expect(loadTokenizer(out).hash).toBe(loadTokenizer(strong).hash);
    expect(card()).toMatchObject({ library_name: 'transformers', tags: ['qwen3'] });
  });

  it.each([
    ['f16', 'float16', 2 ** -11],
    ['bf16', 'bfloat16', 2 ** -8],
  ] as const)('rounds to %s and says so in config.json', async (dtype, name, precision) => {
    expect(await run({ format: 'hf', dtype })).toMatchObject({ dtype });
    expect(readModelConfig(out)).toMatchObject({ dtype });
    expect(readModelConfig(out).raw).toMatchObject({ torch_dtype: name });
    const [rounded, exact] = [numbers(out, projection), numbers(strong, projection)];
    rounded.forEach((value, index) => {
      const error = Math.abs(value - exact[index]!);
      expect(error).toBeLessThanOrEqual(Math.abs(exact[index]!) * precision + 2 ** -25);
    });
    expect(rounded).not.toEqual(exact);
  });

  it('reads shards and f16, and leaves out what points to its author', async () => {
    const source = join(folder, 'source');
    cpSync(fixturePath('models/strong-bf16-sharded'), source, { recursive: true });
    const config = JSON.parse(readFileSync(join(source, 'config.json'), 'utf8')) as object;
    const added = { _name_or_path: '/home/somebody', auto_map: { AutoConfig: 'evil.Config' } };
    writeFileSync(join(source, 'config.json'), JSON.stringify({ ...config, ...added }));
    writeFileSync(join(source, 'README.md'), '---\nlicense: apache-2.0\n---\n# x');
    writeFileSync(join(source, 'LICENSE'), 'the licence');
    expect(await run({ checkpoint: source, format: 'hf' })).toMatchObject({ dtype: 'bf16' });
    expect(readFileSync(join(out, 'config.json'), 'utf8')).not.toMatch(/somebody|evil/);
    expect(readFileSync(join(out, 'LICENSE'), 'utf8')).toBe('the licence');
    expect(card()).toMatchObject({ license: 'apache-2.0' });
    expect(numbers(out, projection)).toEqual(numbers(source, projection));
  });
});

describe('peft', () => {
  it('gives the adapter again, its base named as asked', async () => {
    const exported = await run({
      checkpoint: adapter,
      base: strong,
      format: 'peft',
      baseId: 'Qwen/Qwen3-4B',
      name: 'My adapter',
    });
    expect(exported).toMatchObject({ name: 'My adapter', dtype: 'f32', notes: [] });
    const model = readModelConfig(strong);
    const [before, after] = [openPeftAdapter(adapter, model), openPeftAdapter(out, model)];
    expect(after.config).toEqual({ ...before.config, baseModel: 'Qwen/Qwen3-4B' });
    for (const name of before.tensors.keys()) expect(after.read(name)).toEqual(before.read(name));
    before.close();
    after.close();
    expect(card()).toMatchObject({
      library_name: 'peft',
      base_model: 'Qwen/Qwen3-4B',
      base_model_relation: 'adapter',
    });
    expect(existsSync(join(out, 'tokenizer.json'))).toBe(true);
  });

  it('warns where the base is named by a folder of this machine', async () => {
    const { notes } = await run({ checkpoint: adapter, base: strong, format: 'peft' });
    expect(notes.join()).toContain(strong);
  });
});

describe('gguf', () => {
  it('has all that llama.cpp asks for', async () => {
    const untied = fixturePath('models/untied');
    const exported = await run({ checkpoint: untied, format: 'gguf', baseId: 'a/b' });
    expect(exported.files.map(({ name }) => name)).toEqual(['README.md', 'untied-F32.gguf']);
    const { metadata, tensors } = readGguf(join(out, 'untied-F32.gguf'));
    const config = readModelConfig(untied);
    const values = Object.fromEntries([...metadata].map(([key, { value }]) => [key, value]));
    expect(values).toMatchObject({
      'general.architecture': 'qwen3',
      'general.name': 'untied',
      'general.file_type': 0,
      'general.base_model.0.name': 'b',
      'qwen3.block_count': 3,
      'qwen3.context_length': 4096,
      'qwen3.embedding_length': 64,
      'qwen3.feed_forward_length': 160,
      'qwen3.attention.head_count': 4,
      'qwen3.attention.head_count_kv': 2,
      'qwen3.attention.key_length': 32,
      'qwen3.attention.value_length': 32,
      'qwen3.rope.freq_base': 1e6,
      'tokenizer.ggml.model': 'gpt2',
      'tokenizer.ggml.pre': 'qwen2',
      'tokenizer.ggml.bos_token_id': 507,
      'tokenizer.ggml.eos_token_id': 509,
      'tokenizer.ggml.padding_token_id': 507,
      'tokenizer.ggml.add_bos_token': false,
    });
    expect(values['qwen3.attention.layer_norm_rms_epsilon']).toBeCloseTo(1e-6, 12);
    expect(values['tokenizer.chat_template']).toContain('<|im_start|>');
    const tokenizer = loadTokenizer(untied);
    const tokens = values['tokenizer.ggml.tokens'] as string[];
    const types = values['tokenizer.ggml.token_type'] as number[];
    expect(tokens.length).toBe(config.vocabularySize);
    expect(types.length).toBe(config.vocabularySize);
    expect(tokens.slice(505)).toEqual([
      ...[505, 506].map((id) => tokenizer.token(id)),
      '<|endoftext|>',
      '<|im_start|>',
      '<|im_end|>',
      '<think>',
      '</think>',
      ...[512, 513, 514, 515, 516, 517, 518, 519].map((id) => `[PAD${id}]`),
    ]);
    expect(types.slice(505)).toEqual([1, 1, 3, 3, 3, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5]);
    expect(tensors.size).toBe(1 + 3 * 11 + 2);
    expect(tensors.get('output.weight')!.sizes).toEqual([64, 520]);
    expect(tensors.get('blk.2.ffn_down.weight')!.sizes).toEqual([160, 64]);
    expect(card()).toMatchObject({ library_name: 'gguf', base_model: 'a/b' });
  });

  it.each(['f32', 'f16', 'bf16', 'q8_0'] as const)('puts %s where it belongs', async (dtype) => {
    const file = join(folder, `m.${dtype}.gguf`);
    const exported = await run({ format: 'gguf', dtype, out: file });
    expect(exported.files.map(({ name }) => name)).toEqual([
      `m.${dtype}.gguf`,
      `m.${dtype}.README.md`,
    ]);
    const { tensors, bytes, dataStart } = readGguf(file);
    const type = { f32: 0, f16: 1, bf16: 30, q8_0: 8 }[dtype];
    expect(tensors.get('token_embd.weight')!.type).toBe(type);
    expect(tensors.has('output.weight')).toBe(false);
    // Norms are exact in every type.
    const norm = tensors.get('blk.0.attn_norm.weight')!;
    expect(norm.type).toBe(0);
    const begin = dataStart + norm.offset;
    const stored = new Float32Array(new Uint8Array(bytes.subarray(begin, begin + 256)).buffer);
    expect(stored).toEqual(numbers(strong, 'model.layers.0.input_layernorm.weight'));
  });

  it('folds an adapter in', async () => {
    await run({ checkpoint: adapter, base: strong, format: 'gguf', out: join(folder, 'a.gguf') });
    const { tensors, bytes, dataStart } = readGguf(join(folder, 'a.gguf'));
    const begin = dataStart + tensors.get('blk.1.attn_q.weight')!.offset;
    const merged = openMergedWeights(strong, adapter);
    const expected = Buffer.concat([...merged.read(projection).pieces]);
    merged.close();
    expect(bytes.subarray(begin, begin + expected.length).equals(expected)).toBe(true);
    expect(numbers(strong, projection)).not.toEqual(new Float32Array(expected.buffer));
  });

  it('refuses a tokenizer that llama.cpp cannot follow', async () => {
    const source = join(folder, 'source');
    cpSync(strong, source, { recursive: true });
    const file = join(source, 'tokenizer.json');
    const tokenizer = JSON.parse(readFileSync(file, 'utf8')) as { model: Record<string, unknown> };
    tokenizer.model['ignore_merges'] = true;
    writeFileSync(file, JSON.stringify(tokenizer));
    await expect(run({ checkpoint: source, format: 'gguf' })).rejects.toThrow(/ignore_merges/);
  });
});

describe('a run', () => {
  it('is its enhanced model, with its results in the card', async () => {
    finishedRun();
    const exported = await run({ checkpoint: 'first', format: 'hf' });
    expect(exported.files.length).toBe(6);
    expect(card()).toMatchObject({ tags: expect.arrayContaining(['weak-driven-learning']) });
    expect(card()['model-index']).toBeDefined();
    const text = readFileSync(join(out, 'README.md'), 'utf8');
    expect(text.match(/^# /gm)).toHaveLength(1);
    expect(text).toContain('## Result');
  });

  it('of SFT alone does not call itself weak-driven', async () => {
    await run({ checkpoint: finishedRun({ only: 'sft' }), format: 'hf' });
    expect(card()['tags']).toEqual(['qwen3']);
    expect(readFileSync(join(out, 'README.md'), 'utf8')).toContain('What the stage sft of the run');
  });

  it('gives a step checkpoint without what only training needs', async () => {
    const path = finishedRun();
    const { path: checkpoint } = saveCheckpoint(
      join(path, 'checkpoints', 'joint'),
      'step-7',
      (writer) => {
        for (const name of readdirSync(adapter).filter((file) => file.startsWith('adapter_'))) {
          writer.writeFiles((target) => {
            cpSync(join(adapter, name), join(target, name));
            return new Map();
          });
        }
        writer.writeJson('base.json', {
          base: relative(join(path, 'checkpoints', 'joint', 'step-7'), strong),
        });
        writer.writeText('optimizer.safetensors', 'moments');
        writer.writeText('state.json', '{}');
      },
      { fields: { step: 7, stage: 'joint' }, expectedBytes: 1 },
    );
    const exported = await run({ checkpoint, format: 'peft' });
    expect(exported.name).toMatch(/-joint-step-7$/);
    expect(readdirSync(out).sort()).toEqual([
      'README.md',
      'adapter_config.json',
      'adapter_model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    writeFileSync(join(checkpoint, 'base.json'), '{"base": "/elsewhere"}');
    await expect(
      run({ checkpoint, base: strong, format: 'peft', out: join(folder, 'again') }),
    ).rejects.toMatchObject({ code: 'checkpoint-corrupt' });
    expect(existsSync(join(folder, 'again'))).toBe(false);
  });

  it('that has no enhanced model yet is refused, and a checkpoint proposed', async () => {
    mkdirSync(runsRoot, { recursive: true });
    const path = makeRunFolder(runsRoot, 'half', { rows: 20, items: 20, until: 'sft' });
    await expect(run({ checkpoint: 'half', format: 'hf' })).rejects.toMatchObject({
      code: 'run-invalid',
      hint: expect.stringContaining(join(path, 'checkpoints', 'sft')),
    });
  });
});

describe('refusals', () => {
  it.each([
    [{ format: 'peft' }, /nothing to export as peft/],
    [{ format: 'merged' }, /no adapter to merge/],
    [{ format: 'hf', checkpoint: adapter, base: strong }, /is an adapter, not a whole model/],
    [{ format: 'merged', checkpoint: adapter }, /base model it was trained on is not there/],
    [{ format: 'hf', dtype: 'q8_0' }, /q8_0 is a type of GGUF/],
    [{ format: 'hf', checkpoint: 'no-such-run' }, /neither a run no-such-run nor a folder/],
    [{ format: 'hf', checkpoint: fixturePath('data') }, /neither a run nor the folder of a model/],
    [{ format: 'hf', baseId: '../..' + '/x' }, /not the id of a published model/],
  ] as const)('%o', async (request, message) => {
    await expect(run(request)).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('does not write over anything', async () => {
    mkdirSync(out);
    await run({ format: 'hf' });
    await expect(run({ format: 'hf' })).rejects.toThrow(/is there already/);
    const file = join(folder, 'm.gguf');
    writeFileSync(join(folder, 'm.README.md'), 'mine');
    await expect(run({ format: 'gguf', out: file })).rejects.toThrow(/m\.README\.md is there/);
    expect(readFileSync(join(folder, 'm.README.md'), 'utf8')).toBe('mine');
  });
});

describe('a disk that is too small', () => {
  it('is noticed before anything is written', async () => {
    // 8.8 TB of holes: takes no room, but its copy would.
    const source = join(folder, 'source');
    mkdirSync(source);
    const [vocabulary, hidden] = [2 ** 24, 2 ** 17];
    const config = { ...readModelConfig(strong).raw, vocab_size: vocabulary, hidden_size: hidden };
    const sizes = { intermediate_size: 1, num_hidden_layers: 1, head_dim: 2 };
    const heads = { num_attention_heads: 1, num_key_value_heads: 1 };
    const path = join(source, 'config.json');
    writeFileSync(path, JSON.stringify({ ...config, ...sizes, ...heads }));
    let offset = 0;
    const entries = [...expectedTensors(readModelConfig(source))].map(([name, shape]) => {
      const begin = offset;
      offset += 4 * shape.reduce((product, size) => product * size, 1);
      return [name, { dtype: 'F32', shape, data_offsets: [begin, offset] }];
    });
    const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    writeFileSync(join(source, 'model.safetensors'), Buffer.concat([length, header]));
    truncateSync(join(source, 'model.safetensors'), 8 + header.length + offset);
    const files = readdirSync(folder);
    await expect(run({ checkpoint: source, format: 'hf' })).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(/The exported model needs 8796\.\d GB/),
    });
    expect(readdirSync(folder)).toEqual(files);
  });
});

describe('stopped in the middle', () => {
  it.each([
    ['hf', 'out'],
    ['gguf', 'out'],
    ['gguf', 'm.gguf'],
  ] as const)('%s to %s leaves nothing', async (format, target) => {
    const stop = new AbortController();
    let seen = 0;
    const work = exportModel(
      { checkpoint: strong, format, out: join(folder, target) },
      {
        runsRoot,
        signal: stop.signal,
        onProgress({ doneBytes, totalBytes }) {
          seen = doneBytes / totalBytes;
          if (seen > 0.3) stop.abort();
        },
      },
    );
    await expect(work).rejects.toMatchObject({ code: 'stopped' });
    expect(seen).toBeGreaterThan(0.3);
    expect(seen).toBeLessThan(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('clears away what a killed one left', async () => {
    // No process has this number: Linux ends at 4,194,304.
    const left = join(dirname(out), '.tmp-out-99999999');
    mkdirSync(left);
    writeFileSync(join(left, 'model.safetensors'), 'half');
    await run({ format: 'hf' });
    expect(readdirSync(folder)).toEqual(['out']);
  });
});
