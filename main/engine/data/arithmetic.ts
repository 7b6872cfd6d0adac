/**
 * Generated arithmetic as {prompt, completion} rows: the data of the embedded demo. An answer works
 * its problem out in a few short lines and ends with `#### n`, as GSM8K's answers do:
 *   What is 37 + 48?   ->   7+8=15 / 3+4+1=8 / #### 85
 * Everything follows from the seed. Whether a problem is for training or held out is a property of
 * the problem itself (a hash of its numbers, the order of a sum's or product's terms and its wording
 * aside), so that training and held-out files never share one, whatever their seeds, sizes and levels.
 */
import { StudioError } from '../../contract/errors.ts';
import type { NumpyGenerator } from '../curriculum/numpy-random.ts';
import { createGenerator } from '../curriculum/numpy-random.ts';
import type { ArithmeticLevel, Problem } from './arithmetic-levels.ts';
import { arithmeticLevels } from './arithmetic-levels.ts';

export type ArithmeticSplit = 'training' | 'held-out';

export interface ArithmeticRow {
  id: string;
  /** A key of the catalogue. */
  level: string;
  prompt: string;
  completion: string;
}

export interface ArithmeticRequest {
  /** Each level's share of the rows; they need not sum to 1. */
  levels: Readonly<Record<string, number>>;
  rows: number;
  split: ArithmeticSplit;
  seed: number;
}

/** One problem in this many is held out. */
const heldOutOneIn = 8;
/** Draws without a new problem after which a level counts as exhausted. */
const patience = 20_000;

/**
 * Distinct rows of the catalogue's levels, the levels mixed in random order; no two ask the same problem in the same words.
 * @throws usage for an unknown level, no rows, or more rows than a level has problems
 */
export function generateArithmetic(
  request: ArithmeticRequest,
  catalogue: Readonly<Record<string, ArithmeticLevel>> = arithmeticLevels,
): ArithmeticRow[] {
  const counts = rowsPerLevel(request, catalogue);
  const random = createGenerator(request.seed);
  const rows: ArithmeticRow[] = [];
  for (const [level, count] of counts) {
    const prompts = new Set<string>();
    let misses = 0;
    while (prompts.size < count) {
      const problem = catalogue[level]!.draw((from, to) => between(random, from, to));
      if (splitOf(problem) !== request.split || prompts.has(problem.prompt)) {
        if (++misses > patience) throw tooManyRows(level, count, prompts.size);
        continue;
      }
      misses = 0;
      prompts.add(problem.prompt);
      rows.push({ id: '', level, prompt: problem.prompt, completion: completionOf(problem) });
    }
  }
  return Array.from(random.permutation(rows.length), (from, index) => ({
    ...rows[from]!,
    id: `${request.split}-${index}`,
  }));
}

/** The working, line by line, and the answer behind `####`. */
export function completionOf({ steps, answer }: Pick<Problem, 'steps' | 'answer'>): string {
  return [...steps, `#### ${answer}`].join('\n');
}

/** Decided by the problem's numbers and operation alone. */
export function splitOf(problem: Pick<Problem, 'key'>): ArithmeticSplit {
  return hashOf(problem.key) % heldOutOneIn === 0 ? 'held-out' : 'training';
}

/** FNV-1a, then murmur3's finaliser, because FNV's low bits alone are poorly mixed. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function between(random: NumpyGenerator, from: number, to: number): number {
  return from + Math.floor(random.random() * (to - from + 1));
}

/** Whole numbers of rows that sum to `rows`: the largest remainders are rounded up. */
function rowsPerLevel(
  { levels, rows }: ArithmeticRequest,
  catalogue: Readonly<Record<string, ArithmeticLevel>>,
): [string, number][] {
  const entries = Object.entries(levels);
  const total = entries.reduce((sum, [, share]) => sum + share, 0);
  for (const [level, share] of entries) {
    if (!Object.hasOwn(catalogue, level)) throw unknownLevel(level, Object.keys(catalogue));
    if (!(share > 0 && Number.isFinite(share))) {
      throw new StudioError(
        'usage',
        `The share of level ${level} is ${share}.`,
        'A share is a number above 0.',
      );
    }
  }
  if (entries.length === 0 || !Number.isSafeInteger(rows) || rows < 1) {
    throw new StudioError(
      'usage',
      `${rows} rows of ${entries.length} levels cannot be generated.`,
      'Name at least one level and ask for at least one row.',
    );
  }
  const exact = entries.map(([, share]) => (rows * share) / total);
  const counts = exact.map(Math.floor);
  const open = rows - counts.reduce((sum, count) => sum + count, 0);
  const byRemainder = exact
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .sort((left, right) => right.remainder - left.remainder || left.index - right.index);
  for (const { index } of byRemainder.slice(0, open)) counts[index]!++;
  return entries.map(([level], index) => [level, counts[index]!]);
}

function unknownLevel(level: string, known: readonly string[]): StudioError {
  return new StudioError('usage', `There is no level ${level}.`, `Levels: ${known.join(', ')}.`);
}

function tooManyRows(level: string, wanted: number, found: number): StudioError {
  return new StudioError(
    'usage',
    `Level ${level} has about ${found} problems, not ${wanted}.`,
    'Ask for fewer rows, or give the level a smaller share.',
  );
}
