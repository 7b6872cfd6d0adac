/**
 * Which examples make up which optimizer step. A window holds micro * accumulation examples; the
 * last of an epoch may be smaller. The order of an epoch is a function of (seed, epoch) alone, so a
 * resumed run needs nothing but the step's number to go on with the very same examples, and no
 * random generator has to be saved. Epoch 0 is ordered as `datasets.shuffle(seed)` orders rows.
 */
import { readFileSync } from 'node:fs';
import { StudioError } from '../../contract/errors.ts';
import { unreadableFile } from '../checkpoint/read-json-file.ts';
import { createGenerator } from '../curriculum/numpy-random.ts';
import type { Example } from './example.ts';

export interface WindowOptions {
  /** What to draw from: indices of examples, e.g. a curriculum's sample, or 0 to n - 1. */
  indices: ArrayLike<number>;
  seed: number;
  /** Passes over the indices (fractions allowed), or optimizer steps; exactly one of them. */
  epochs?: number;
  steps?: number;
  /** Examples of one window: micro * accumulation. */
  examplesPerWindow: number;
  /** False: every epoch in the order given. */
  shuffle: boolean;
}

export interface Windows {
  steps: number;
  stepsPerEpoch: number;
  /** Indices of the examples of a step, counted from 0. @throws RangeError outside 0 to steps - 1 */
  at(step: number): number[];
}

export function planWindows(options: WindowOptions): Windows {
  const { indices, seed, examplesPerWindow } = options;
  const count = indices.length;
  if (count === 0) {
    throw new StudioError(
      'data-empty',
      'There are no examples to train on.',
      'Check the data file.',
    );
  }
  const stepsPerEpoch = Math.ceil(count / examplesPerWindow);
  const steps =
    options.steps ?? Math.max(1, Math.ceil((options.epochs ?? 1) * stepsPerEpoch - 1e-9));
  let known: { epoch: number; order: ArrayLike<number> } | null = null;

  function orderOf(epoch: number): ArrayLike<number> {
    if (!options.shuffle) return indices;
    if (known?.epoch !== epoch) {
      const places = createGenerator(seed + epoch).permutation(count);
      known = { epoch, order: places.map((place) => indices[place]!) };
    }
    return known.order;
  }

  return {
    steps,
    stepsPerEpoch,
    at(step) {
      checkStep(step, steps);
      const order = orderOf(Math.floor(step / stepsPerEpoch));
      const first = (step % stepsPerEpoch) * examplesPerWindow;
      return Array.from(
        { length: Math.min(examplesPerWindow, count - first) },
        (_, place) => order[first + place]!,
      );
    },
  };
}

/**
 * The order as a file gives it: JSON, one entry per optimizer step, each a list of micro-batches of
 * row numbers of the data file (from 0). Rows that were left out of the examples are refused.
 * @throws file-missing, file-unreadable, data-invalid
 */
export function readOrderFile(path: string, examples: readonly Pick<Example, 'row'>[]): Windows {
  const places = new Map(examples.map((example, index) => [example.row, index]));
  const steps = readJson(path);
  if (!Array.isArray(steps) || steps.length === 0) throw invalidOrder(path, 'it is not a list');
  const windows = steps.map((microBatches: unknown, step) => {
    const rows: unknown[] = Array.isArray(microBatches) ? microBatches.flat() : [];
    if (rows.length === 0) throw invalidOrder(path, `step ${step} is not a list of row lists`);
    return rows.map((row) => {
      const index = places.get(row as number);
      if (index === undefined) {
        throw invalidOrder(
          path,
          `step ${step} names row ${JSON.stringify(row)}, which is not there`,
        );
      }
      return index;
    });
  });
  return {
    steps: windows.length,
    stepsPerEpoch: windows.length,
    at(step) {
      checkStep(step, windows.length);
      return [...windows[step]!];
    },
  };
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadableFile(path, error);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidOrder(path, `it is not JSON (${error instanceof Error ? error.message : error})`);
  }
}

function invalidOrder(path: string, reason: string): StudioError {
  return new StudioError(
    'data-invalid',
    `The order in ${path} cannot be used: ${reason}.`,
    'Give one entry per optimizer step, each a list of micro-batches of row numbers from 0.',
  );
}

function checkStep(step: number, steps: number): void {
  if (!Number.isInteger(step) || step < 0 || step >= steps) {
    throw new RangeError(`step ${step} of ${steps}`);
  }
}
