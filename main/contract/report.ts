/**
 * The report of a run as a document: what `wds report --format json` writes, and what the HTML, the
 * Markdown and the CSV are drawn from. Every part names the file it was computed from (`source`,
 * relative to the run's folder), with that file's SHA-256 where the run recorded one. Parts that a run
 * does not have yet are null, and `missing` says why in plain words.
 * Units: losses and entropies in nats, shares and probabilities 0 to 1, times in ms since 1970.
 */
import type { CurriculumConfig } from './config.ts';
import type { ErrorDetails } from './errors.ts';
import type { StageName } from './events.ts';
import type { StepMetric } from './runs.ts';

export const textFormats = ['html', 'md', 'json', 'csv'] as const;
export type TextFormat = (typeof textFormats)[number];
/** The PDF is the printed HTML. */
export const reportFormats = ['html', 'pdf', 'md', 'json', 'csv'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** Raised when a field is removed or changes its meaning; new fields do not raise it. */
export const reportVersion = 1;

export interface ReportSource {
  file: string;
  /** Lower-case hexadecimal; absent where the run recorded no hash. */
  sha256?: string;
}

export interface RunReport {
  format: 'weak-driven-studio.run-report';
  version: typeof reportVersion;
  run: ReportedRun;
  /** The result in plain words, computed from the numbers below. */
  findings: string[];
  /** What the result does not show. */
  limits: string[];
  /** What this report lacks and why. */
  missing: string[];
  warnings: { code: string; message: string; times: number }[];
  evaluation: ReportedEvaluation | null;
  curriculum: ReportedCurriculum | null;
  weakAgent: ReportedWeakAgent | null;
  training: ReportedTraining[];
  /** The models that went in; empty for runs of versions that did not hash them. */
  modelFiles: ReportedModelFiles[];
  data: ReportedData | null;
  checkpoints: ReportedCheckpoint[];
  stages: ReportedStage[];
  configuration: ReportedConfiguration;
  environment: ReportedEnvironment;
  artifacts: (ReportSource & { bytes: number })[];
}

export interface ReportedRun {
  id: string;
  name: string;
  status: 'created' | 'running' | 'finished' | 'failed' | 'stopped' | 'paused';
  started?: number;
  /** Of the last event. */
  ended?: number;
  /** Seconds in work, over all stages. */
  seconds: number;
  /** How often it was stopped, or killed, and went on. */
  resumes: number;
  model: string;
  weak: string;
  dataFile: string;
  heldOutFile?: string;
  error?: ErrorDetails;
  /** The first `events` lines of the log; the hash is of those lines. */
  source: ReportSource & { events: number };
}

export interface ReportedModel {
  /** As in results.json: base, sft, baseline, weak-driven. */
  model: string;
  label: string;
  items: number;
  correct?: number;
  accuracy?: number;
  /** Wilson's 95 % interval. */
  accuracyLow?: number;
  accuracyHigh?: number;
  /** Mean per answer token of the held-out rows. */
  loss: number;
  entropy?: number;
  /** Answers that reached evaluation.maxNewTokens before they ended. */
  cutOff?: number;
  /** Optimizer steps it was trained for, in all stages. */
  steps?: number;
  /** The items with their answers. */
  source?: ReportSource;
}

/** Two models on the same items. */
export interface PairedComparison {
  candidate: string;
  reference: string;
  items: number;
  bothCorrect: number;
  /** Right in the candidate, wrong in the reference. */
  fixed: number;
  /** Wrong in the candidate, right in the reference. */
  broken: number;
  bothWrong: number;
  /** Accuracy of the candidate minus that of the reference, and its 95 % interval (Newcombe). */
  difference: number;
  low: number;
  high: number;
  /** McNemar's exact test, two-sided. */
  pValue: number;
  /** Items that would show a difference of this size with 80 % power; absent for no difference. */
  itemsNeeded?: number;
}

export interface ReportedItem {
  id: string | number;
  outcome: 'fixed' | 'broken' | 'both wrong';
  prompt: string;
  expected: string;
  reference: ReportedAnswer;
  candidate: ReportedAnswer;
}

export interface ReportedAnswer {
  text: string;
  answer: string;
  correct: boolean;
}

export interface ReportedEvaluation {
  source: ReportSource;
  models: ReportedModel[];
  /** What each other model is compared with: SFT continued for equal steps, or SFT itself. */
  reference: string | null;
  /** One per other model, the weak-driven one first. */
  comparisons: PairedComparison[];
  /** Both trained for the same number of steps after SFT; absent where there is no baseline. */
  equalSteps?: boolean;
  /** Seconds per joint step over seconds per baseline step. */
  stepCost?: number;
  /** Some of the items in which the weak-driven model and the reference differ, in file order. */
  samples: ReportedItem[];
}

export const termNames = ['alpha', 'beta', 'gamma'] as const;

export interface WeightedRow {
  id: string | number;
  /** Beginning of the row's text; absent where it could not be read. */
  text?: string;
  entropy0: number;
  /** After SFT. */
  entropy1: number;
  weight: number;
  /** How often it was drawn. */
  drawn: number;
  /** Index into `termNames`: which gives most of the weight. */
  term: number;
}

export interface ReportedCurriculum {
  source: ReportSource;
  scheme: CurriculumConfig['scheme'];
  coefficients: [number, number, number];
  rows: number;
  drawn: number;
  distinct: number;
  neverDrawn: number;
  /** Kish's: 1 / sum of squared weights. */
  effectiveSampleSize: number;
  /** The share of the weight of the heaviest tenth of the rows. */
  heaviestTenth: number;
  /** Share of all weight from the alpha, beta and gamma term. */
  termShares: [number, number, number];
  meanEntropy0: number;
  meanEntropy1: number;
  /** Rows whose entropy fell, and rose, from the base to the SFT model. */
  fell: number;
  rose: number;
  top: WeightedRow[];
  /** Rows as dots, or for many rows cells of a grid with the number of rows in each. */
  scatter: {
    kind: 'rows' | 'cells';
    /** Weight: of the row, or the mean of the cell, times the number of all rows (1 = uniform). */
    points: { entropy0: number; entropy1: number; weight: number; rows: number; term: number }[];
  };
  /** Rows by weight times number of rows (1 = uniform): edges are one more than counts. */
  histogram: { edges: number[]; counts: number[]; zero: number };
}

export interface ReportedWeakAgent {
  /** As configured: base, checkpoint:N or a folder. */
  weak: string;
  label: string;
  /** In plain words, with the numbers it rests on. */
  reasons: string[];
  frozen: boolean;
  lambda: number;
  source: ReportSource;
}

/** One metric over the steps of a stage. More than 400 steps become groups of equal length. */
export interface ReportedCurve {
  metric: StepMetric;
  /** Middle step of each group. */
  step: number[];
  mean: number[];
  /** Smallest and largest value of each group: no extreme is lost. */
  low: number[];
  high: number[];
}

export interface ReportedTraining {
  stage: StageName;
  /** Done, and planned. */
  steps: number;
  plannedSteps: number;
  tokens: number;
  answerTokens: number;
  seconds: number;
  stepsPerPoint: number;
  curves: ReportedCurve[];
  source: ReportSource;
}

export interface ReportedData {
  source: ReportSource;
  file: string;
  /** SHA-256 of the data file when the run read it. */
  fileHash?: string;
  rows: number;
  kept: number;
  truncated: number;
  leftOut: number;
  duplicates: number;
  tokens: number;
  answerTokens: number;
  heldOutRows?: number;
  /** Held-out rows whose prompt is also a training prompt, token for token. */
  heldOutSeen?: number;
  warnings: string[];
}

/** A model that went into the run, by the bytes of its files. */
export interface ReportedModelFiles {
  role: 'base' | 'adapter' | 'weak';
  /** Name of the folder. */
  name: string;
  /** SHA-256 of what `sha256sum *.json *.safetensors` prints in that folder (C locale). */
  fingerprint: string;
  files: { name: string; bytes: number; sha256: string }[];
  source: ReportSource;
}

export interface ReportedCheckpoint {
  stage: StageName;
  step: number;
  bytes: number;
  /** Of the training window it was saved after. */
  loss?: number;
  heldOutLoss?: number;
  heldOutEntropy?: number;
  /** Held-out rows these were measured on. */
  heldOutItems?: number;
  /** Still in the run's folder. */
  kept: boolean;
  isWeakAgent: boolean;
  file: string;
}

export interface ReportedStage {
  stage: StageName;
  title: string;
  state: 'done' | 'begun';
  seconds: number;
  summary: string;
  /** SHA-256 of everything that went into the stage. */
  inputHash?: string;
  source?: ReportSource;
}

export interface ReportedConfiguration {
  source: ReportSource;
  /** As the run used it, every default filled in; the user's home folder as `~`. */
  yaml: string;
  command: string;
}

export interface ReportedEnvironment {
  /** One entry for each different one that the run was worked on with. */
  programs: { version: string; device: string; threads: number }[];
  /** Of the machine that wrote this report. */
  writtenWith: { node: string; platform: string; tensorflow?: string };
  /** Largest resident memory that was reported. */
  peakMemoryBytes?: number;
}
