/**
 * LoRA adapters in PEFT's layout: `adapter_config.json` and `adapter_model.safetensors`.
 * PEFT's `base_model.model.model.layers.N.self_attn.q_proj.lora_A.weight` is
 * `model.layers.N.self_attn.q_proj.lora_A` in the engine. A is `[rank, in]`, B is `[out, rank]`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import type { WrittenFile } from './durable-file.ts';
import { durableFileSteps } from './durable-file.ts';
import type { Qwen3Config } from './model-config.ts';
import { expectedTensors } from './model-tensors.ts';
import type { PeftConfig } from './peft-config.ts';
import { LORA_TARGETS, peftConfigText, readPeftConfig } from './peft-config.ts';
import { openSafetensors } from './safetensors-reader.ts';
import type { TensorSource } from './safetensors-writer.ts';
import { safetensorsSteps } from './safetensors-writer.ts';
import { runSteps, type Steps } from './steps.ts';

const CONFIG = 'adapter_config.json';
const WEIGHTS = 'adapter_model.safetensors';
const PREFIX = 'base_model.model.';
const SUFFIX = '.weight';
const FLOAT_DTYPES = ['F32', 'BF16', 'F16'];

export interface PeftAdapter {
  config: PeftConfig;
  /** By the engine's names; exactly those of `adapterTensors`. */
  tensors: ReadonlyMap<string, { dtype: string; shape: readonly number[] }>;
  /** Bytes in memory of their own. */
  read(name: string): Uint8Array;
  close(): void;
}

/** Names and shapes of an adapter's tensors on a model, in the order of computation. */
export function adapterTensors(
  model: Qwen3Config,
  { rank, targets }: Pick<PeftConfig, 'rank' | 'targets'>,
): Map<string, [number, number]> {
  const base = expectedTensors(model);
  const tensors = new Map<string, [number, number]>();
  for (let layer = 0; layer < model.layers; layer++) {
    for (const target of targets) {
      const name = `model.layers.${layer}.${LORA_TARGETS[target]}.${target}`;
      const [outputs, inputs] = base.get(`${name}.weight`) as [number, number];
      tensors.set(`${name}.lora_A`, [rank, inputs]);
      tensors.set(`${name}.lora_B`, [outputs, rank]);
    }
  }
  return tensors;
}

/**
 * Opens an adapter and checks that it fits the model exactly.
 * @throws file-missing, model-invalid, model-unsupported, weights-corrupt
 */
export function openPeftAdapter(folder: string, model: Qwen3Config): PeftAdapter {
  const config = readPeftConfig(join(folder, CONFIG));
  const path = join(folder, WEIGHTS);
  if (!existsSync(path) && existsSync(join(folder, 'adapter_model.bin'))) {
    throw new StudioError(
      'model-unsupported',
      `${folder} holds its weights as adapter_model.bin, a format that can run code when it is read.`,
      'Save the adapter again with safe_serialization=True.',
    );
  }
  const file = openSafetensors(path);
  try {
    const tensors = new Map<string, { dtype: string; shape: readonly number[] }>();
    for (const [stored, { dtype, shape }] of file.tensors) {
      tensors.set(internalName(stored), { dtype, shape });
    }
    checkAdapter(path, tensors, adapterTensors(model, config));
    return {
      config,
      tensors,
      read: (name) => file.read(storedName(name)),
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

/**
 * Writes both files into an existing folder; `tensors` go by the engine's names.
 * @returns the files by name, as saveCheckpoint records them
 * @throws disk-full, file-unwritable
 */
export function writePeftAdapter(
  folder: string,
  config: PeftConfig,
  tensors: readonly TensorSource[],
): Map<string, WrittenFile> {
  return runSteps(peftAdapterSteps(folder, config, tensors));
}

/** The same chunk by chunk. */
export function* peftAdapterSteps(
  folder: string,
  config: PeftConfig,
  tensors: readonly TensorSource[],
): Steps<Map<string, WrittenFile>> {
  const stored = tensors.map((tensor) => ({
    ...tensor,
    name: storedName(tensor.name),
    chunks: () => tensor.chunks(),
  }));
  const text = new TextEncoder().encode(peftConfigText(config));
  return new Map([
    [WEIGHTS, yield* safetensorsSteps(join(folder, WEIGHTS), stored)],
    [CONFIG, yield* durableFileSteps(join(folder, CONFIG), [text])],
  ]);
}

function storedName(name: string): string {
  return PREFIX + name + SUFFIX;
}

/** Names that do not follow PEFT's pattern stay as they are, and are then reported as surplus. */
function internalName(stored: string): string {
  if (!stored.startsWith(PREFIX) || !stored.endsWith(SUFFIX)) return stored;
  return stored.slice(PREFIX.length, -SUFFIX.length);
}

function checkAdapter(
  path: string,
  found: ReadonlyMap<string, { dtype: string; shape: readonly number[] }>,
  expected: ReadonlyMap<string, readonly number[]>,
): void {
  for (const [name, shape] of expected) {
    const tensor = found.get(name);
    if (!tensor) throw invalid(path, `${name} is missing`);
    if (tensor.shape.join() !== shape.join()) {
      throw invalid(
        path,
        `${name} has shape [${tensor.shape.join(', ')}], the model and the rank ask for [${shape.join(', ')}]`,
      );
    }
    if (!FLOAT_DTYPES.includes(tensor.dtype)) {
      throw invalid(path, `${name} is stored as ${tensor.dtype}, not as F32, BF16 or F16`);
    }
  }
  for (const name of found.keys()) {
    if (!expected.has(name)) throw invalid(path, `${name} belongs to no target of ${CONFIG}`);
  }
}

function invalid(path: string, reason: string): StudioError {
  return new StudioError(
    'model-invalid',
    `The adapter ${path} does not fit the model: ${reason}.`,
    'Check that the adapter was trained on this very model.',
  );
}
