/**
 * What the pipeline leaves in `runs/<id>/stages/` and what pages, CLI and reports read back:
 * one line of a JSONL artifact, or one JSON document, per type. Entropies: nats, mean over the
 * answer tokens of a sample.
 */

/** Lines of `entropy-0.jsonl`, `entropy-1.jsonl`, and of `wds entropy`. */
export interface EntropyLine {
  id: string | number;
  entropy: number;
  /** Answer tokens the mean was taken over. */
  tokens: number;
}

/** Lines of `weights.jsonl`, and of `wds curriculum`. Weights sum to 1. */
export interface WeightLine {
  id: string | number;
  entropy0: number;
  entropy1: number;
  entropy2?: number;
  weight: number;
}

/** `sample.json`: the order the curriculum drew, with replacement; indices of rows. */
export interface SampleDocument {
  seed: number;
  size: number;
  indices: number[];
}

/** Columns of a run's entropies for scatter and histogram; all arrays have one entry per row. */
export interface EntropyColumns {
  ids: (string | number)[];
  entropy0: Float64Array;
  entropy1: Float64Array;
  /** Half-way through SFT: measured by runs with the brownboost scheme. */
  entropyMiddle?: Float64Array;
  /** Answer tokens of each row. */
  tokens: Float64Array;
}

/** What a curriculum would do with measured entropies, before anything is trained. */
export interface CurriculumPreview {
  /** Probability of each row to be drawn; sums to 1. */
  weights: Float64Array;
  /** Which term gives most of the row's weight: 0 alpha, 1 beta, 2 gamma. */
  dominantTerm: Uint8Array;
  /** How often each row is drawn with this seed; sums to `size`. */
  drawn: Uint32Array;
  size: number;
  /** 1 / sum of squared weights: the number of equally likely rows with the same spread. */
  effectiveSampleSize: number;
  /** Share of all weight that comes from the alpha, beta and gamma term. */
  termShares: [number, number, number];
  /** Rows that are not drawn once. */
  neverDrawn: number;
  /** Plain words for what the numbers alone hide, e.g. that all weights are equal. */
  warnings: string[];
}
