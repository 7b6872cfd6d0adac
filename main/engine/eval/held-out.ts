/**
 * One model on held-out examples: mean cross-entropy and entropy per answer token, and greedy answers
 * compared with the reference answers (held-out-answer.ts), with Wilson's 95 % interval.
 */
import type { BatchConfig } from '../../contract/config.ts';
import type { EvaluationResult } from '../../contract/events.ts';
import type { Example } from '../data/example.ts';
import type { Placement } from '../graph/library.ts';
import { openGenerator } from '../model/generate.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { measureExamples } from '../train/measure-examples.ts';
import type { ModelSource } from '../train/model-source.ts';
import type { Precision } from '../train/precision.ts';
import { sameAnswer } from './answers/same-answer.ts';
import { heldOutAnswer } from './held-out-answer.ts';
import { wilsonInterval } from './wilson-interval.ts';

export interface HeldOutItem {
  id: string | number;
  prompt: string;
  expected: string;
  text: string;
  answer: string;
  correct: boolean;
  tokens: number;
  /** Means over the reference answer's tokens; nats, and the target's logit over the others' mean. */
  entropy: number;
  loss: number;
  margin: number;
  finishReason: 'stop' | 'length';
}

export interface HeldOutOptions {
  name: string;
  source: ModelSource;
  heldOut: readonly Example[];
  tokenizer: Tokenizer;
  maxNewTokens: number;
  batch: BatchConfig;
  precision: Precision;
  placement: Placement;
  onProgress: (done: number, total: number) => Promise<void>;
}

export async function evaluateHeldOut(
  options: HeldOutOptions,
): Promise<{ result: EvaluationResult; items: HeldOutItem[] }> {
  const { heldOut, name } = options;
  const measures = await measureExamples({
    ...options,
    examples: heldOut,
    alignment: 'predicting',
    onBatch: () => options.onProgress(0, heldOut.length),
  });
  const items = (await answer(options)).map((item, index) => {
    const { entropy, loss, margin, tokens } = measures[index]!;
    return { ...item, entropy: entropy / tokens, loss: loss / tokens, margin: margin / tokens };
  });
  const total = (of: (m: (typeof measures)[number]) => number): number =>
    measures.reduce((sum, measure) => sum + of(measure), 0);
  const tokens = total((measure) => measure.tokens);
  const correct = items.filter((item) => item.correct).length;
  const { low, high } = wilsonInterval(correct, items.length);
  const result: EvaluationResult = {
    model: name,
    items: items.length,
    correct,
    accuracy: correct / items.length,
    accuracyLow: low,
    accuracyHigh: high,
    loss: total((measure) => measure.loss) / tokens,
    entropy: total((measure) => measure.entropy) / tokens,
  };
  return { result, items };
}

async function answer(
  options: HeldOutOptions,
): Promise<Omit<HeldOutItem, 'entropy' | 'loss' | 'margin'>[]> {
  const { heldOut, tokenizer, source } = options;
  const split = heldOut.map(({ ids, completionMask }) => {
    const start = completionMask.indexOf(1);
    return { prompt: ids.subarray(0, start), completion: ids.subarray(start) };
  });
  const decode = (ids: ArrayLike<number>): string =>
    tokenizer.decode(ids, { skipSpecialTokens: true });
  const generator = await openGenerator({
    modelDir: source.base,
    ...(source.adapter && { adapterDir: source.adapter }),
    precision: options.precision,
    placement: options.placement,
  });
  try {
    const generated = await generator.generate(
      split.map(({ prompt }) => [...prompt]),
      {
        maxNewTokens: options.maxNewTokens,
        temperature: 0,
        stopIds: tokenizer.stopIds,
        onProgress: options.onProgress,
      },
    );
    return generated.map(({ ids, finishReason }, index) => {
      const expected = heldOutAnswer(decode(split[index]!.completion), true);
      const text = decode(ids);
      const found = heldOutAnswer(text, finishReason === 'stop');
      return {
        id: heldOut[index]!.id,
        prompt: decode(split[index]!.prompt),
        expected,
        text,
        answer: found,
        correct: sameAnswer(found, expected),
        tokens: ids.length,
        finishReason,
      };
    });
  } finally {
    generator.close();
  }
}
