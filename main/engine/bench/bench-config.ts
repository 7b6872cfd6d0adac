/**
 * What a benchmark computes: the JSON file that peer_step.py beside this file takes too, so that one
 * file drives both programs. `bf16_impl` and `compile` concern the peer only, `compute` and `moments` ours.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { StudioError } from '../../contract/errors.ts';
import type { Qwen3Config } from '../checkpoint/model-config.ts';
import type { Precision } from '../train/precision.ts';

const size = z.int().positive();
const count = z.int().nonnegative();

const benchSchema = z.strictObject({
  name: z.string().nullable().default(null),
  model: z.strictObject({
    hidden_size: size,
    num_hidden_layers: size,
    num_attention_heads: size,
    num_key_value_heads: size,
    head_dim: size,
    intermediate_size: size,
    vocab_size: size,
    tie_word_embeddings: z.boolean().default(true),
    rope_theta: z.number().positive().default(1e6),
  }),
  mode: z
    .enum([
      'sft',
      'joint',
      'joint-both',
      'joint-cached',
      'neftune',
      'undial',
      'entropy',
      'entropy-set',
      'generate',
    ])
    .default('joint'),
  T: z.int().min(2).default(512),
  batch: size.default(1),
  steps: size.default(5),
  warmup_steps: count.default(2),
  precision: z.enum(['f32', 'bf16']).default('f32'),
  /** Of products, where it is not the weights' precision. */
  compute: z.enum(['f32', 'bf16']).nullable().default(null),
  moments: z.enum(['f32', 'bf16']).default('f32'),
  bf16_impl: z.enum(['auto', 'autocast', 'weights']).default('auto'),
  compile: z.boolean().default(false),
  gradient_checkpointing: z.boolean().default(false),
  lora_rank: count.default(0),
  lora_alpha: z.number().positive().default(16),
  lambda: z.number().min(0).max(1).default(0.5),
  lr: z.number().nonnegative().default(1e-5),
  seed: count.default(0),
  prompt_tokens: size.default(32),
  examples: size.default(128),
  device: z.enum(['auto', 'cpu', 'cuda']).default('auto'),
  threads: z.literal(0, 'wds bench uses every thread; `taskset` limits it').default(0),
});

export type BenchConfig = z.infer<typeof benchSchema>;

/** The configurations that come with the project. */
export const benchNames = ['small', 'medium', 'full'] as const;

/** The path of a configuration: one of `benchNames`, or a file. */
export function benchFile(nameOrFile: string): string {
  const known = (benchNames as readonly string[]).includes(nameOrFile);
  return known ? fileURLToPath(new URL(`${nameOrFile}.json`, import.meta.url)) : nameOrFile;
}

/**
 * Reads `nameOrFile` and applies `settings`, each `key=value` with a value in JSON or plain text.
 * @throws file-missing, config-invalid with the field's name
 */
export function readBenchConfig(nameOrFile: string, settings: readonly string[]): BenchConfig {
  const file = benchFile(nameOrFile);
  if (!existsSync(file)) {
    throw new StudioError(
      'file-missing',
      `There is no benchmark configuration ${file}.`,
      `Give a JSON file, or one of ${benchNames.join(', ')}.`,
    );
  }
  const content = parseObject(file);
  for (const setting of settings) {
    const [key, text] = splitSetting(setting);
    content[key] = parseValue(text);
  }
  const parsed = benchSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const field = issue.path.join('.') || (issue.code === 'unrecognized_keys' ? issue.keys[0] : '');
  const text = `${file}: ${field}: ${issue.message}.`;
  throw new StudioError('config-invalid', text, 'main/engine/bench/small.json is an example.');
}

function parseObject(file: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StudioError('config-invalid', `${file}: ${reason}`, 'Correct the file.', { cause });
  }
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) {
    return { ...content };
  }
  throw new StudioError('config-invalid', `${file} holds no JSON object.`, 'Correct the file.');
}

export function splitSetting(setting: string): [key: string, text: string] {
  const at = setting.indexOf('=');
  if (at > 0) return [setting.slice(0, at), setting.slice(at + 1)];
  const hint = 'Write it as KEY=VALUE, e.g. mode=sft.';
  throw new StudioError('config-invalid', `--set ${setting} has no value.`, hint);
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function precisionOf({ precision, compute }: BenchConfig): Precision {
  return { weights: precision, compute: compute ?? precision };
}

export function qwen3ConfigOf({ model }: BenchConfig): Qwen3Config {
  return {
    vocabularySize: model.vocab_size,
    hiddenSize: model.hidden_size,
    intermediateSize: model.intermediate_size,
    layers: model.num_hidden_layers,
    heads: model.num_attention_heads,
    keyValueHeads: model.num_key_value_heads,
    headDim: model.head_dim,
    rmsNormEpsilon: 1e-6,
    ropeTheta: model.rope_theta,
    tieWordEmbeddings: model.tie_word_embeddings,
    maxPositions: 4096,
    eosTokenIds: [],
    dtype: 'f32',
    raw: {},
  };
}
