/**
 * What makes a folder a model beside its weights and config.json: the tokenizer's files as transformers
 * writes them, in old layouts and new, and how to generate. Copied along wherever a model is written.
 */
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { asWriteError } from './durable-file.ts';

export const tokenizerFiles = [
  'tokenizer.json',
  'tokenizer_config.json',
  'chat_template.jinja',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
] as const;

export const companionFiles = ['generation_config.json', ...tokenizerFiles] as const;

/** Those of `names` that `from` has. Gives their names. @throws disk-full, file-unwritable */
export function copyCompanions(from: string, to: string, names: readonly string[]): string[] {
  const found = names.filter((name) => existsSync(join(from, name)));
  for (const name of found) {
    try {
      copyFileSync(join(from, name), join(to, name));
    } catch (error) {
      throw asWriteError(join(to, name), error);
    }
  }
  return found;
}
