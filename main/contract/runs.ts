/**
 * What a run looks like from outside: the row in the list of runs, and the snapshot a window takes
 * before it follows the events. Step events travel as columns (one Float64Array per metric, NaN
 * where a step has no value), because 100,000 of them as objects would be 60 MB and as columns 16.
 */
import type { RunConfig } from './config.ts';
import type { ErrorDetails } from './errors.ts';
import type { EvaluationResult, RunEvent, StageName, StepEvent } from './events.ts';

/**
 * `interrupted`: the process that owned the run died; `paused`: saved and waiting, resumable;
 * `stopped`: saved and ended by the user, resumable too. `pausing` and `stopping` last one step.
 */
export const runStatuses = [
  'created',
  'queued',
  'running',
  'pausing',
  'stopping',
  'paused',
  'stopped',
  'interrupted',
  'failed',
  'finished',
] as const;
export type RunStatus = (typeof runStatuses)[number];

export interface RunSummary {
  id: string;
  name: string;
  status: RunStatus;
  /** Milliseconds since 1970. */
  created: number;
  started?: number;
  ended?: number;
  /** The stage in work, or the last one that was. */
  stage?: StageName;
  step?: number;
  steps?: number;
  /** Latest optimised loss, nats per answer token. */
  loss?: number;
  /** At most 64 losses of the stage in work, evenly spaced: the sparkline. */
  recentLosses: number[];
  model: string;
  weak: string;
  dataFile: string;
  results: EvaluationResult[];
  /** Size of the run's folder. */
  bytes: number;
  /** 1 = next; only while queued. */
  queuePosition?: number;
  error?: ErrorDetails;
  /** Which artifacts are there: they decide which pages of the run have something to show. */
  hasEntropies: boolean;
  hasWeights: boolean;
}

/** Names of the numeric fields of a step event, in the order of the columns. */
export const stepMetrics = [
  'loss',
  'strongLoss',
  'weakLoss',
  'mixedEntropy',
  'strongEntropy',
  'weakEntropy',
  'mixedMargin',
  'strongMargin',
  'weakMargin',
  'mixedNonTargetMass',
  'strongNonTargetMass',
  'gradientAmplification',
  'divergence',
  'gradientNorm',
  'strongGradientNorm',
  'weakGradientNorm',
  'learningRate',
  'answerTokens',
  'tokens',
  'seconds',
  'tokensPerSecond',
] as const satisfies readonly (keyof StepEvent)[];
export type StepMetric = (typeof stepMetrics)[number];

/** The step events of one stage, in the order of `step`; every array has the same length. */
export interface StepColumns {
  stage: StageName;
  steps: number;
  step: Float64Array;
  time: Float64Array;
  values: Record<StepMetric, Float64Array>;
}

export interface RunSnapshot {
  summary: RunSummary;
  config: RunConfig;
  /** The folder `runs/<id>`. */
  directory: string;
  /** Step events as columns, one entry per training stage. */
  series: StepColumns[];
  /** All other events, in the order of `seq`; of progress and memory events only the last 200. */
  events: RunEvent[];
  /** Number of the last event that is contained; -1 for none. */
  lastSeq: number;
}
