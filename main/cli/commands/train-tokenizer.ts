/** `wds train-tokenizer`: a byte-level BPE tokenizer in Qwen3's layout, trained on conversation data. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { asWriteError, writeFileDurably } from '../../engine/checkpoint/durable-file.ts';
import { readRows } from '../../engine/data/read-rows.ts';
import { recogniseRow } from '../../engine/data/recognise.ts';
import { loadTokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { trainBpe } from '../../engine/tokenizer/train-bpe.ts';
import type { CommandSpec } from '../arguments.ts';
import { parseArguments, usage } from '../arguments.ts';
import { printable } from '../text.ts';

export const trainTokenizerSpec: CommandSpec = {
  name: 'train-tokenizer',
  usage: '--data FILE [--data FILE ...] --out DIR [--vocabulary N]',
  summary: "Trains a byte-level BPE tokenizer in Qwen3's layout on the texts of data files.",
  options: {
    data: { value: 'FILE', repeated: true, help: 'data file, as for training' },
    out: { value: 'DIR', help: 'where to write tokenizer.json and tokenizer_config.json' },
    vocabulary: { value: 'N', help: 'largest number of tokens, at least 261 (384)' },
    json: { help: 'print one JSON document' },
    help: { help: 'show this' },
  },
};

export async function trainTokenizer(args: string[]): Promise<number> {
  const given = parseArguments(trainTokenizerSpec, args);
  given.required('data');
  const out = resolve(given.required('out'));
  const vocabularySize = given.number('vocabulary') ?? 384;
  if (!Number.isSafeInteger(vocabularySize)) {
    throw usage(trainTokenizerSpec, '--vocabulary must be a whole number.');
  }
  const texts: string[] = [];
  for (const file of given.values('data')) {
    for await (const row of readRows(resolve(file))) {
      const recognised = recogniseRow(row);
      if (recognised.kind === 'tokens') continue;
      // The roles stand in every conversation's markup, so they are worth tokens of their own.
      for (const { role, content } of recognised.messages) texts.push(role, content);
    }
  }
  const { tokenizer, tokenizerConfig } = trainBpe({ texts, vocabularySize });
  try {
    mkdirSync(out, { recursive: true });
  } catch (error) {
    throw asWriteError(out, error);
  }
  writeJson(join(out, 'tokenizer.json'), tokenizer);
  writeJson(join(out, 'tokenizer_config.json'), tokenizerConfig);
  const made = loadTokenizer(out).vocabularySize;
  if (given.has('json')) console.log(JSON.stringify({ folder: out, vocabularySize: made }));
  else console.log(`${printable(out)}: ${made} tokens`);
  return 0;
}

function writeJson(path: string, value: object): void {
  writeFileDurably(path, [new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`)]);
}
