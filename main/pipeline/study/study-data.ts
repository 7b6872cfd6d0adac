/**
 * The data of a study's task, written where the stages read it: rows for the base, rows for training (new
 * ones for every seed), one file of held-out items for all, and the tokenizer, trained on the base's rows.
 * A row's id begins with its level: `code-3/17`.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Study, StudyBlock } from '../../contract/study.ts';
import { generateArithmetic, type ArithmeticRequest } from '../../engine/data/arithmetic.ts';
import { studyLevels } from '../../engine/data/study-levels.ts';
import { trainBpe } from '../../engine/tokenizer/train-bpe.ts';
import { hashJson } from '../hash.ts';
import { writeFileAtomic, writeJsonAtomic } from '../atomic-file.ts';

export interface TaskFiles {
  tokenizer: string;
  base: string;
  heldOut: string;
  /** Rows to train on, of a seed. */
  training(seed: number): string;
}

export function taskFiles(study: Study, name: string, folder: string): TaskFiles {
  const task = study.tasks[name]!;
  const own = join(folder, 'tasks', `${name}-${hashOf({ task, vocabulary: study.vocabulary })}`);
  mkdirSync(own, { recursive: true });
  const write = (file: string, requests: readonly ArithmeticRequest[]): string => {
    const path = join(own, file);
    if (!existsSync(path)) writeFileAtomic(path, requests.flatMap(rowsOf).join(''));
    return path;
  };
  const { rows, levels, seed } = task.base;
  const base = { rows, levels, seed, split: 'training' } as const;
  const files: TaskFiles = {
    tokenizer: join(own, 'tokenizer'),
    base: write('base.jsonl', [base]),
    heldOut: write('held-out.jsonl', [
      { ...task.heldOut, split: 'held-out' },
      { ...task.outOfDistribution, split: 'held-out' },
    ]),
    training: (ofSeed) =>
      write(`training-${ofSeed}.jsonl`, [{ ...task.training, split: 'training', seed: ofSeed }]),
  };
  if (!existsSync(join(files.tokenizer, 'tokenizer_config.json'))) {
    const texts = generateArithmetic(base, studyLevels).flatMap(({ prompt, completion }) => [
      'user',
      prompt,
      'assistant',
      completion,
    ]);
    const { tokenizer, tokenizerConfig } = trainBpe({ texts, vocabularySize: study.vocabulary });
    mkdirSync(files.tokenizer, { recursive: true });
    writeJsonAtomic(join(files.tokenizer, 'tokenizer.json'), tokenizer);
    writeJsonAtomic(join(files.tokenizer, 'tokenizer_config.json'), tokenizerConfig);
  }
  return files;
}

/** What a block's SFT depends on beside the seed, as a name for folders. */
export function trunkId(study: Study, block: StudyBlock): string {
  const { vocabulary, sft, steps, optimizer, schedule, batch, maxNewTokens } = study;
  const settings = { vocabulary, sft, steps, optimizer, schedule, batch, maxNewTokens };
  return `${block.task}-${block.shape}-${hashOf({ settings, task: study.tasks[block.task] })}`;
}

function hashOf(value: unknown): string {
  return hashJson(value).slice(0, 8);
}

function rowsOf(request: ArithmeticRequest): string[] {
  return generateArithmetic(request, studyLevels).map(({ level, prompt, completion }, index) => {
    return `${JSON.stringify({ id: `${level}/${index}`, prompt, completion })}\n`;
  });
}
