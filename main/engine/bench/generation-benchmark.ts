/**
 * Greedy generation as a benchmark step: a prompt pass and T new tokens for every row, no token of
 * which ends the text. The programs, sizes and loop are those of generate.ts.
 */
import type { Placement } from '../graph/library.ts';
import { openSession } from '../graph/session.ts';
import { decodeBatch, type DecodeRow } from '../model/decode-batch.ts';
import { buildDecodeProgram } from '../model/decode-program.ts';
import { bucketsFor } from '../model/generate.ts';
import { greedy } from '../model/sampling.ts';
import { precisionOf, qwen3ConfigOf, type BenchConfig } from './bench-config.ts';
import type { Prepared } from './prepared-step.ts';
import { randomBatch } from './random-inputs.ts';

export async function prepareGeneration(
  bench: BenchConfig,
  placement: Placement,
): Promise<Prepared> {
  const { batch, T: newTokens, prompt_tokens: length } = bench;
  const { weights, compute } = precisionOf(bench);
  const buckets = bucketsFor(batch, length + newTokens);
  const { program, model } = buildDecodeProgram({
    config: qwen3ConfigOf(bench),
    mode: { trained: 'nothing', weights, lora: null },
    compute,
    placement,
    ...buckets,
  });
  const session = await openSession(program);
  const { ids } = randomBatch(batch, length, bench.model.vocab_size, bench.seed);
  const options = { sampling: greedy, stopIds: new Set<number>(), onStep: async () => {} };
  const step = async (): Promise<null> => {
    const rows = Array.from({ length: batch }, (_, row): DecodeRow => ({
      prompt: [...ids.subarray(row * length, (row + 1) * length)],
      maxNewTokens: newTokens,
      random: () => 0,
      ids: [],
      finishReason: null,
      onToken: () => {},
    }));
    await decodeBatch(session, buckets, rows, options);
    return null;
  };
  return { session, models: [model], step };
}
