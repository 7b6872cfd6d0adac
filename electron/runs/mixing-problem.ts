/**
 * Whether a model's logits can be mixed with the strong model's at all: the same vocabulary, the same
 * tokenizer. Checkpoints carry a copy of their base's tokenizer, so equal bytes settle most of them
 * without reading one.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { toErrorDetails } from '../../main/contract/errors.ts';
import type { ErrorDetails } from '../../main/contract/errors.ts';
import { readModelConfig } from '../../main/engine/checkpoint/model-config.ts';
import { modelSource } from '../../main/engine/train/model-source.ts';
import { requireSameVocabulary } from '../../main/engine/train/same-vocabulary.ts';

const known = new Map<string, ErrorDetails | null>();

export function mixingProblem(strong: string, candidate: string): ErrorDetails | null {
  try {
    const one = modelSource(strong).base;
    const other = modelSource(candidate, one).base;
    const key = JSON.stringify([one, stamp(one), other, stamp(other)]);
    const before = known.get(key);
    if (before !== undefined) return before;
    const problem = compare(one, other);
    known.set(key, problem);
    return problem;
  } catch (error) {
    return toErrorDetails(error);
  }
}

function compare(strong: string, candidate: string): ErrorDetails | null {
  const [one, other] = [strong, candidate].map((folder) => readModelConfig(folder).vocabularySize);
  if (one === other && hasSameTokenizerFile(strong, candidate)) return null;
  try {
    requireSameVocabulary(strong, candidate);
    return null;
  } catch (error) {
    const details = toErrorDetails(error);
    if (details.code !== 'vocabulary-mismatch') return details;
    // On a card there is no room for paths.
    const why =
      one === other ? 'another tokenizer' : `a vocabulary of ${other} tokens instead of ${one}`;
    return { ...details, message: `Cannot be mixed with this model: it has ${why}.` };
  }
}

function hasSameTokenizerFile(strong: string, candidate: string): boolean {
  const [one, other] = [strong, candidate].map((folder) => join(folder, 'tokenizer.json'));
  if (!existsSync(one!) || !existsSync(other!)) return false;
  return (
    statSync(one!).size === statSync(other!).size && readFileSync(one!).equals(readFileSync(other!))
  );
}

function stamp(folder: string): unknown {
  return ['config.json', 'tokenizer.json'].map((name) => {
    const status = statSync(join(folder, name), { throwIfNoEntry: false });
    return [status?.size, status?.mtimeMs];
  });
}
