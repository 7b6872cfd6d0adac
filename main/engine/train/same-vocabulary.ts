/**
 * Logits can be mixed only if both models mean the same token by the same row: equal vocabulary
 * sizes and, where both folders have one, equal tokenizers.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import { readModelConfig } from '../checkpoint/model-config.ts';
import { loadTokenizer } from '../tokenizer/tokenizer.ts';

export function requireSameVocabulary(strong: string, weak: string): void {
  if (strong === weak) return;
  const sizes = [strong, weak].map((folder) => readModelConfig(folder).vocabularySize);
  if (sizes[0] !== sizes[1]) {
    throw mismatch(`${weak} has a vocabulary of ${sizes[1]} tokens, ${strong} one of ${sizes[0]}`);
  }
  const [left, right] = [strong, weak].map((folder) =>
    existsSync(join(folder, 'tokenizer.json')) ? loadTokenizer(folder).hash : null,
  );
  if (left && right && left !== right) {
    throw mismatch(`${weak} and ${strong} have different tokenizers`);
  }
}

function mismatch(what: string): StudioError {
  return new StudioError(
    'vocabulary-mismatch',
    `The weak agent's logits cannot be mixed with the strong model's: ${what}.`,
    'Choose a checkpoint of the same model family, best a historical checkpoint of the same run.',
  );
}
