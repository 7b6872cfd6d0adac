/**
 * Two to six models side by side: what `wds compare --json` prints, and what the Compare page and the
 * HTML report show. The first is the baseline. Parts that cannot be had are null (for all) or null at
 * one model's place, and `missing` says why in plain words. Arrays "by model" have one entry per model,
 * in their order. Losses and entropies in nats per answer token, shares and probabilities 0 to 1.
 */
import type { PairedComparison, ReportedCurve } from './report.ts';
import type { StageName } from './events.ts';

/** Raised when a field is removed or changes its meaning. */
export const comparisonVersion = 1;
export const mostCompared = 6;

/** A run, one of the models a run made (`member`), a checkpoint of a run, or any model folder. */
export interface ComparedModel {
  /** Short and unlike the others, e.g. "Demo · weak-driven" or "Demo · sft step 64". */
  label: string;
  /** The folder of its weights; null where the run has none of it yet. */
  folder: string | null;
  runId?: string;
  runName?: string;
  /** As in the run's evaluation: base, sft, baseline, weak-driven. */
  member?: string;
  stage?: StageName;
  step?: number;
}

export interface ComparedScore {
  items: number;
  loss: number;
  entropy?: number;
  correct?: number;
  accuracy?: number;
  /** Wilson's 95 % interval. */
  accuracyLow?: number;
  accuracyHigh?: number;
}

export interface ComparedItem {
  id: string | number;
  prompt: string;
  expected: string;
  /** By model. */
  answers: ComparedAnswer[];
}

export interface ComparedAnswer {
  text: string;
  answer: string;
  correct: boolean;
  /** Mean over the reference answer's tokens. */
  entropy?: number;
}

export interface ComparedEvaluation {
  /** The file of the items. */
  file: string;
  /** The runs' own evaluations, or measured for this comparison. */
  source: 'runs' | 'data';
  /** By model. */
  scores: (ComparedScore | null)[];
  /** By model, against the first; null at its own place and where items are not the same. */
  paired: (PairedComparison | null)[];
  /** Items that all models answered, in the file's order. */
  items: ComparedItem[];
  /** Items beyond the limit, which are counted in `paired` but not listed. */
  itemsLeftOut: number;
}

export interface EntropyShift {
  /** Held-out items, or the training rows of the run. */
  rows: 'held-out' | 'training';
  ids: (string | number)[];
  /** By model: one entropy per row. */
  entropies: (Float64Array | null)[];
}

/** How far each tensor moved from the baseline's: ||W - W0|| / ||W0|| (Frobenius), by layer and module. */
export interface WeightDeltas {
  modules: string[];
  layers: number;
  /** By model; null for the baseline, and for models that cannot be set against it. */
  models: (ModelDelta | null)[];
}

export interface ModelDelta {
  /** Over all tensors. */
  total: number;
  /** [layer][module]; the small norm vectors of a layer count as one module. */
  relative: number[][];
  /** Embedding, final norm, head. */
  others: { name: string; relative: number }[];
}

export interface ComparedCurves {
  /** Index into `models`. */
  model: number;
  stage: StageName;
  /** More than one: `low` and `high` span that many steps. */
  stepsPerPoint: number;
  curves: ReportedCurve[];
}

export interface Comparison {
  format: 'weak-driven-studio.comparison';
  version: typeof comparisonVersion;
  models: ComparedModel[];
  /** Settings that are not the same everywhere; null where a model has no run or no such setting. */
  settings: { name: string; values: (string | null)[] }[];
  curves: ComparedCurves[];
  evaluation: ComparedEvaluation | null;
  entropy: EntropyShift | null;
  weights: WeightDeltas | null;
  missing: string[];
}
