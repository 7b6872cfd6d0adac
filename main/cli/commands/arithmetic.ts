/** `wds arithmetic`: generated problems as JSONL, for the demo and for trying the method at any size. */
import { dirname, resolve } from 'node:path';
import { mkdirSync } from 'node:fs';
import { asWriteError, writeFileDurably } from '../../engine/checkpoint/durable-file.ts';
import { arithmeticLevels } from '../../engine/data/arithmetic-levels.ts';
import { generateArithmetic } from '../../engine/data/arithmetic.ts';
import type { CommandSpec } from '../arguments.ts';
import { parseArguments, usage } from '../arguments.ts';
import { printable } from '../text.ts';

const listing = Object.entries(arithmeticLevels).map(([name, { about }]) => `${name}: ${about}`);

export const arithmeticSpec: CommandSpec = {
  name: 'arithmetic',
  usage: '--out FILE.jsonl --rows N [--split training|held-out] [--levels NAME[=SHARE],...]',
  summary: 'Generates arithmetic problems with worked answers.',
  options: {
    out: { value: 'FILE', help: 'JSONL file to write: {id, level, prompt, completion}' },
    rows: { value: 'N', help: 'number of problems' },
    split: { value: 'NAME', help: 'training (default) or held-out; the two never share a problem' },
    levels: { value: 'LIST', help: `all by default. ${listing.join('; ')}` },
    seed: { value: 'N', help: 'seed of the draws (42)' },
    json: { help: 'print one JSON document' },
    help: { help: 'show this' },
  },
};

export async function arithmetic(args: string[]): Promise<number> {
  const given = parseArguments(arithmeticSpec, args);
  const split = given.value('split') ?? 'training';
  if (split !== 'training' && split !== 'held-out') {
    throw usage(arithmeticSpec, `--split must be training or held-out, not "${split}".`);
  }
  given.required('rows');
  const seed = given.number('seed') ?? 42;
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw usage(arithmeticSpec, '--seed must be a whole number, 0 or above.');
  }
  const out = resolve(given.required('out'));
  const levels = readLevels(given.value('levels'));
  const rows = generateArithmetic({ levels, rows: given.number('rows')!, split, seed });
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  try {
    mkdirSync(dirname(out), { recursive: true });
  } catch (error) {
    throw asWriteError(out, error);
  }
  writeFileDurably(out, [new TextEncoder().encode(lines)]);
  if (given.has('json')) console.log(JSON.stringify({ file: out, rows: rows.length, split, seed }));
  else console.log(`${printable(out)}: ${rows.length} ${split} problems`);
  return 0;
}

/** "add-2=3,story" -> {add-2: 3, story: 1}; unknown names are the generator's to refuse. */
function readLevels(text: string | undefined): Record<string, number> {
  const entries = text?.split(',') ?? Object.keys(arithmeticLevels);
  return Object.fromEntries(
    entries.map((entry) => {
      const [name, share] = entry.split('=');
      return [name!.trim(), share === undefined ? 1 : Number(share)];
    }),
  );
}
