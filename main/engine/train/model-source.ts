/**
 * Where a model comes from: a folder in Hugging Face layout, alone or with a LoRA adapter on top.
 * A checkpoint of a LoRA run holds the adapter only and names its base in `base.json`.
 */
import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import { asJsonObject, readJsonFile } from '../checkpoint/read-json-file.ts';

export interface ModelSource {
  /** Folder with config.json, weights and tokenizer. */
  base: string;
  /** Folder with adapter_config.json; null: the base alone. */
  adapter: string | null;
}

export const baseFile = 'base.json';

/** What `folder` holds. An adapter without `base.json` stands on `defaultBase`. */
export function modelSource(folder: string, defaultBase: string | null = null): ModelSource {
  if (!existsSync(folder)) {
    throw new StudioError(
      'file-missing',
      `There is no model folder ${folder}.`,
      'Check the path; a model folder holds config.json and model.safetensors.',
    );
  }
  if (!existsSync(join(folder, 'adapter_config.json'))) return { base: folder, adapter: null };
  const path = join(folder, baseFile);
  if (existsSync(path)) {
    const named = asJsonObject(readJsonFile(path, 'model-invalid'))?.['base'];
    if (typeof named === 'string') {
      // Relative to where the folder is, not to a link to it, such as `model` of a run.
      return { base: resolve(realpathSync(folder), named), adapter: folder };
    }
  }
  if (defaultBase === null) {
    throw new StudioError(
      'model-invalid',
      `${folder} holds an adapter, but not which base model it belongs to.`,
      'Give the base model as --model and the adapter as --adapter.',
    );
  }
  return { base: defaultBase, adapter: folder };
}
