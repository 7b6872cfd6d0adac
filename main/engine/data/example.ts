/** One row of the data as the engine trains on it. Everything after reading works on these. */
export interface Example {
  /** The row's own `id` or `idx`; its number where it has none. */
  id: string | number;
  /** Number of the row in the file, from 0. */
  row: number;
  ids: Int32Array;
  /** One entry per token: 1 = an answer token, which the loss is taken over. */
  completionMask: Uint8Array;
  /** Tokens before it was cut to the limit. */
  fullLength: number;
  /** It was longer than the limit, and its end was cut off. */
  truncated: boolean;
  /**
   * False: answer and prompt share a token (an answer that begins with a newline, for instance), so
   * that the model never sees the prompt tokenised as it will be when it generates.
   */
  promptIsPrefix: boolean;
  /**
   * Only in the conversation form: tokens before the assistant's header, from where on the reference
   * implementation's entropy pass counts.
   */
  referenceStart?: number;
}

/** Answer tokens that are targets: all but one at position 0, which nothing predicts. */
export function countAnswerTokens(example: Pick<Example, 'completionMask'>): number {
  let count = 0;
  for (let t = 1; t < example.completionMask.length; t++) count += example.completionMask[t]!;
  return count;
}
