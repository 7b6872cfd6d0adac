/**
 * Generates for one batch of prompts: prefill, then a step for each token. The cache grows when its
 * last slot is taken; rows that have ended are dropped as soon as the rest fits the next smaller
 * batch size, so that a long straggler is not carried along with finished rows.
 */
import type { Session } from '../graph/session.ts';
import { prefillCapacity } from './decode-program.ts';
import { sampleToken, type SamplingOptions } from './sampling.ts';

/** One prompt on its way. */
export interface DecodeRow {
  prompt: readonly number[];
  /** At least 1. */
  maxNewTokens: number;
  /** Of this prompt alone; see sampling.ts. */
  random: () => number;
  /** Filled here, the stop token included. */
  ids: number[];
  finishReason: 'stop' | 'length' | null;
  onToken: (id: number) => void;
}

export interface DecodeBuckets {
  batches: readonly number[];
  prefillLengths: readonly number[];
  capacities: readonly number[];
}

export interface DecodeOptions {
  sampling: SamplingOptions;
  stopIds: ReadonlySet<number>;
  /** Every few steps, and after each that took long; throw to stop. */
  onStep: () => Promise<void>;
}

const stepsBetweenReports = 8;
/** Milliseconds: a large model is to be stopped, and takes turns with others, after each step. */
const longStep = 50;

/** `rows` are no more than the largest batch size, their prompts fit the longest prefill length. */
export async function decodeBatch(
  session: Session,
  buckets: DecodeBuckets,
  rows: readonly DecodeRow[],
  options: DecodeOptions,
): Promise<void> {
  let batch = smallest(buckets.batches, rows.length);
  const longest = Math.max(...rows.map(({ prompt }) => prompt.length));
  const length = smallest(buckets.prefillLengths, longest);
  let capacity = prefillCapacity(length, buckets.capacities);
  /** What each row of the batch computes; several places are filled up with a copy of the last. */
  let places = fillUp(rows, batch);

  const ids = new Int32Array(batch * length);
  places.forEach(({ prompt }, place) => ids.set(prompt, place * length));
  const lengths = Int32Array.from(places, ({ prompt }) => prompt.length);
  const choose = chooser(session, options);
  choose(`:${batch}x${length}`, 'prefill', { ids, lengths }, places);

  let begun = performance.now();
  for (let slot = longest, step = 1; ; slot++, step++) {
    const active = unfinished(places);
    if (active.length === 0) return;
    const isLong = performance.now() - begun > longStep;
    if (isLong || step % stepsBetweenReports === 0) await options.onStep();
    begun = performance.now();
    while (batch > 1 && active.length <= smaller(buckets.batches, batch)) {
      const next = smaller(buckets.batches, batch);
      const kept = fillUp(active, next);
      const from = Int32Array.from(kept, (row) => places.indexOf(row));
      session.call(`shrink:${batch}x${capacity}`, { kept: from });
      [batch, places] = [next, kept];
    }
    if (slot === capacity) {
      const kept = Int32Array.from(places, (_, place) => place);
      session.call(`grow:${batch}x${capacity}`, { kept });
      capacity = smallest(buckets.capacities, capacity + 1);
    }
    const feeds = {
      ids: Int32Array.from(places, (row) => row.ids.at(-1)!),
      positions: Int32Array.from(places, ({ prompt, ids }) => prompt.length + ids.length - 1),
      lengths: Int32Array.from(places, ({ prompt }) => prompt.length),
      slots: Int32Array.of(longest, slot),
    };
    choose(`:${batch}x${capacity}`, 'step', feeds, places);
  }
}

/** Runs an entry and hands every unfinished row its next token. */
function chooser(
  session: Session,
  { sampling, stopIds }: DecodeOptions,
): (
  shape: string,
  verb: 'prefill' | 'step',
  feeds: Record<string, Int32Array>,
  places: readonly DecodeRow[],
) => void {
  const greedy = sampling.temperature === 0;
  return (shape, verb, feeds, places) => {
    const result = session.call(`${verb}${greedy ? '' : '-logits'}${shape}`, feeds);
    const logits = result['logits'] as Float32Array | undefined;
    const vocabulary = (logits?.length ?? 0) / places.length;
    for (const row of unfinished(places)) {
      const place = places.indexOf(row);
      const own = logits?.subarray(place * vocabulary, (place + 1) * vocabulary);
      const id = own ? sampleToken(own, sampling, row.random) : result['ids']![place]!;
      row.ids.push(id);
      if (stopIds.has(id)) row.finishReason = 'stop';
      else if (row.ids.length >= row.maxNewTokens) row.finishReason = 'length';
      row.onToken(id);
    }
  };
}

function unfinished(places: readonly DecodeRow[]): DecodeRow[] {
  return [...new Set(places)].filter((row) => row.finishReason === null);
}

function fillUp(rows: readonly DecodeRow[], count: number): DecodeRow[] {
  return Array.from({ length: count }, (_, place) => rows[place] ?? rows.at(-1)!);
}

function smallest(sizes: readonly number[], atLeast: number): number {
  const found = sizes.find((size) => size >= atLeast);
  if (found === undefined) throw new Error(`${atLeast} is more than ${sizes.at(-1)}`);
  return found;
}

function smaller(sizes: readonly number[], than: number): number {
  return sizes[sizes.indexOf(than) - 1] ?? 0;
}
