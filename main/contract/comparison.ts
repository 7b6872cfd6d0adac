/**
 * Two to six models side by side: what `wds compare --json` prints, and what the Compare page and the
 * HTML report show. The first is the baseline. Parts that cannot be had are null (for all) or null at
 * one model's place, and `missing` says why in plain words. Arrays "by model" have one entry per model,
 * in their order. Losses and entropies in nats per answer token, shares and probabilities 0 to 1.
 */
import type { Estimate, EvaluationSettings } from './evaluation.ts';
import type { StageName } from './events.ts';
import type { GeneratedBeside } from './generation.ts';
import type { PairedComparison, ReportedCurve } from './report.ts';

/** Raised when a field is removed or changes its meaning; new fields do not raise it. */
export const comparisonVersion = 1;
export const mostCompared = 6;
export const comparisonFormats = ['html', 'pdf', 'json'] as const;
export type ComparisonFormat = (typeof comparisonFormats)[number];

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
  /** By model; null where it was not evaluated. */
  answers: (ComparedAnswer | null)[];
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

/** One benchmark as these models were evaluated on it: same data, same task, same settings. */
export interface ComparedBenchmark {
  /** SHA-256 over what all of these evaluations have in common: data, task, settings. */
  key: string;
  title: string;
  kind: string;
  file: string;
  /** Of the data file. */
  sha256: string;
  settings: EvaluationSettings;
  /** By model. */
  scores: (ComparedBenchmarkScore | null)[];
  /** By model, against the first. */
  paired: (BenchmarkDifference | null)[];
  /** Items that all evaluated models answered, in the file's order; null where not asked for. */
  items: ComparedItem[] | null;
  itemsLeftOut: number;
}

export interface ComparedBenchmarkScore {
  items: number;
  samples: number;
  /** Over all generations; for one sample the accuracy. */
  mean: Estimate;
  passAt: (Estimate & { k: number })[];
  cutOff: number;
  withoutAnswer: number;
  /** Where its generations lie. */
  folder: string;
  hash: string;
}

/**
 * With one sample an item is right or wrong: Newcombe's interval and McNemar's exact test. With
 * several its share of right samples rises (`fixed`), falls (`broken`) or stays: paired bootstrap.
 */
export interface BenchmarkDifference extends Omit<PairedComparison, 'candidate' | 'reference'> {
  test: 'mcnemar' | 'bootstrap';
}

/**
 * What the models make of single answer tokens: the logit margin (target minus mean of the others) and
 * the mass on non-target tokens, 1 - p(target), whose logarithm is what SFT lets vanish.
 */
export interface TokenDistributions {
  rows: 'held-out' | 'training' | 'data';
  file: string;
  /** Rows that were measured, from the beginning of the file. */
  sampled: number;
  /** Bounds of the bins, one more than there are bins. */
  marginEdges: number[];
  /** Decimal logarithms; the first bin takes all below it, too. */
  massEdges: number[];
  /** By model. */
  models: (TokenDistribution | null)[];
}

export interface TokenDistribution {
  tokens: number;
  margin: TokenSpread;
  mass: TokenSpread;
}

export interface TokenSpread {
  mean: number;
  median: number;
  /** Tokens by bin. */
  counts: number[];
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
  benchmarks: ComparedBenchmark[];
  entropy: EntropyShift | null;
  tokens: TokenDistributions | null;
  weights: WeightDeltas | null;
  /** One prompt to all of them; null where none was asked. */
  generations: GeneratedBeside | null;
  missing: string[];
}
