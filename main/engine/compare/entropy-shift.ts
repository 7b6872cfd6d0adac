/**
 * The entropy of every sample under each model: of the held-out items where the evaluation has kept
 * them, else of the training rows, which a run measures under its base and its SFT model only. The rows
 * are those that the first model with entropies has; a model with other rows is left out.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EntropyShift } from '../../contract/comparison.ts';
import { readEntropyFile } from '../curriculum/entropy-file.ts';
import type { FoundModel } from './compared-model.ts';
import type { EvaluatedModel } from './compared-answers.ts';

interface Measured {
  ids: (string | number)[];
  entropies: ArrayLike<number>;
}

/** Null unless two models have entropies of the same rows. */
export function entropyShift(
  found: readonly FoundModel[],
  evaluated: readonly (EvaluatedModel | null)[],
): EntropyShift | null {
  return (
    aligned('held-out', evaluated.map(ofItems)) ?? aligned('training', found.map(ofTrainingRows))
  );
}

function ofItems(model: EvaluatedModel | null): Measured | null {
  const items = model?.items ?? [];
  if (items.length === 0 || items.some(({ entropy }) => entropy === undefined)) return null;
  return { ids: items.map(({ id }) => id), entropies: items.map(({ entropy }) => entropy!) };
}

function ofTrainingRows({ model, run }: FoundModel): Measured | null {
  const round = model.member === 'base' ? 0 : model.member === 'sft' ? 1 : null;
  if (run === null || round === null) return null;
  const file = join(run.folder, 'stages', `entropy-${round}`, 'entropy.jsonl');
  if (!existsSync(file)) return null;
  const { rows } = readEntropyFile(file);
  return { ids: rows.map(({ id }) => id), entropies: rows.map(({ entropy }) => entropy) };
}

function aligned(
  rows: EntropyShift['rows'],
  models: readonly (Measured | null)[],
): EntropyShift | null {
  const first = models.find((model) => model !== null);
  if (!first) return null;
  const key = JSON.stringify(first.ids);
  const entropies = models.map((model) =>
    model !== null && JSON.stringify(model.ids) === key ? Float64Array.from(model.entropies) : null,
  );
  const usable = entropies.filter((values) => values !== null).length;
  return usable < 2 ? null : { rows, ids: first.ids, entropies };
}
