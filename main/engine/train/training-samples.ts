/**
 * What the model writes while it is trained: greedy answers to a few short held-out prompts, at every
 * checkpoint, from the training session itself. Each token takes a whole forward pass: a KV cache would
 * need a session of its own with the weights a second time, which a few short answers do not pay for.
 */
import type { Example } from '../data/example.ts';
import type { Session } from '../graph/session.ts';
import { shapeName, type BatchShape } from './batch-shape.ts';

const samples = 2;
const newTokens = 24;
/** Longer prompts would make a checkpoint wait. */
const longestPrompt = 192;

/** How ids become text, and which of them end an answer. */
export interface SampleText {
  decode(ids: ArrayLike<number>): string;
  stopIds: readonly number[];
}

export interface TrainingSample {
  prompt: string;
  text: string;
  expected: string;
}

export interface TrainingSamples {
  /** Of the entry `logits:<shape>`; null: nothing is written. */
  shape: BatchShape | null;
  write(session: Session): TrainingSample[];
}

export function trainingSamples(heldOut: readonly Example[], text: SampleText): TrainingSamples {
  const chosen = heldOut
    .map(({ ids, completionMask }) => ({ ids, start: completionMask.indexOf(1) }))
    .filter(({ start }) => start > 0 && start <= longestPrompt)
    .slice(0, samples)
    .map(({ ids, start }) => ({
      prompt: Array.from(ids.subarray(0, start)),
      expected: ids.slice(start),
    }));
  if (chosen.length === 0) return { shape: null, write: () => [] };
  const longest = Math.max(...chosen.map(({ prompt }) => prompt.length)) + newTokens;
  const shape = {
    rows: chosen.length,
    length: Math.ceil(longest / 32) * 32,
    targets: chosen.length,
  };
  return {
    shape,
    write: (session) => {
      const answers = continueGreedily(session, shape, chosen.map(({ prompt }) => prompt), text.stopIds); // prettier-ignore
      return chosen.map(({ prompt, expected }, row) => ({
        prompt: text.decode(prompt),
        text: text.decode(answers[row]!),
        expected: text.decode(expected),
      }));
    },
  };
}

/** The new ids of each row, without the one that ended it. */
function continueGreedily(
  session: Session,
  shape: BatchShape,
  prompts: readonly (readonly number[])[],
  stopIds: readonly number[],
): number[][] {
  const { rows, length } = shape;
  const answers: number[][] = prompts.map(() => []);
  const open = new Set(prompts.keys());
  for (let step = 0; step < newTokens && open.size > 0; step++) {
    const ids = new Int32Array(rows * length);
    const positions = new Int32Array(rows * length);
    const documents = new Int32Array(rows * length);
    const targetRows = new Int32Array(rows);
    prompts.forEach((prompt, row) => {
      const content = [...prompt, ...answers[row]!];
      const begin = row * length;
      ids.set(content, begin);
      positions.set([...content.keys()], begin);
      documents.fill(1, begin, begin + content.length);
      targetRows[row] = begin + content.length - 1;
    });
    const feeds = { ids, positions, documents, targetRows, labels: new Int32Array(rows) };
    const logits = session.call(`logits:${shapeName(shape)}`, feeds)['logits']!;
    for (const row of open) {
      const next = largestOf(logits, row, logits.length / rows);
      if (stopIds.includes(next)) open.delete(row);
      else answers[row]!.push(next);
    }
  }
  return answers;
}

function largestOf(logits: ArrayLike<number>, row: number, vocabulary: number): number {
  let best = 0;
  const first = row * vocabulary;
  for (let id = 1; id < vocabulary; id++)
    if (logits[first + id]! > logits[first + best]!) best = id;
  return best;
}
