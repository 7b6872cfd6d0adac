/**
 * Everything that happens in a run, once: an event is a line of `events.jsonl`, a line of the CLI,
 * an IPC message and a point of a chart. Numbered per run without gaps (`seq`), so that a window
 * takes a snapshot with its last seq and then applies later events. Losses, entropies: nats.
 */
import type { ErrorDetails } from './errors.ts';

/**
 * The stages of the method in their order. `entropy-middle` only for the brownboost curriculum;
 * `baseline` is plain SFT continued for equal steps, `neftune` and `undial` are further baselines.
 */
export const stageNames = [
  'examples',
  'entropy-0',
  'sft',
  'entropy-middle',
  'entropy-1',
  'curriculum',
  'joint',
  'baseline',
  'neftune',
  'undial',
  'extract',
  'evaluate',
  'report',
] as const;
export type StageName = (typeof stageNames)[number];

/** Means over the answer tokens of one optimizer step, all from one pass over the vocabulary. */
export interface StepDiagnostics {
  strongLoss?: number;
  weakLoss?: number;
  mixedEntropy?: number;
  strongEntropy?: number;
  weakEntropy?: number;
  /** Target logit minus the mean of the other logits. */
  mixedMargin?: number;
  strongMargin?: number;
  weakMargin?: number;
  /** Probability mass on wrong tokens: 1 - p(target). */
  mixedNonTargetMass?: number;
  strongNonTargetMass?: number;
  /** mixedNonTargetMass / strongNonTargetMass: how much mixing enlarges the gradient. */
  gradientAmplification?: number;
  /** KL(strong || weak). */
  divergence?: number;
  strongGradientNorm?: number;
  weakGradientNorm?: number;
}

export interface StepEvent extends StepDiagnostics {
  kind: 'step';
  stage: StageName;
  /** 1-based, up to `steps`. */
  step: number;
  steps: number;
  /** The optimised (mixed) loss: sum over the answer tokens of the window / their number. */
  loss: number;
  /** L2 norm over all trained parameters before clipping. */
  gradientNorm: number;
  learningRate: number;
  /** Answer tokens of the window, the loss's denominator. */
  answerTokens: number;
  /** Tokens that went through the model, padding not counted. */
  tokens: number;
  seconds: number;
  tokensPerSecond: number;
}

export interface EvaluationResult {
  model: string;
  items: number;
  correct?: number;
  accuracy?: number;
  /** Half width of the 95 % interval of the accuracy (Wilson). */
  accuracyLow?: number;
  accuracyHigh?: number;
  /** Mean cross-entropy per answer token on the held-out rows. */
  loss: number;
  /** Mean entropy of the predictions of the answer tokens. */
  entropy?: number;
}

export type EventBody =
  | { kind: 'run-started'; resumed: boolean; version: string; device: string; threads: number }
  | { kind: 'stage-started'; stage: StageName; title: string }
  | {
      kind: 'stage-progress';
      stage: StageName;
      done: number;
      total: number;
      unit: string;
      /** Seconds to go, from the rate so far; absent while too little is known. */
      remaining?: number;
    }
  | { kind: 'stage-finished'; stage: StageName; cached: boolean; seconds: number; summary: string }
  | StepEvent
  | {
      kind: 'checkpoint';
      stage: StageName;
      step: number;
      path: string;
      bytes: number;
      seconds: number;
    }
  | { kind: 'checkpoint-removed'; stage: StageName; step: number; path: string }
  | { kind: 'evaluation'; stage: StageName; result: EvaluationResult }
  | {
      kind: 'sample';
      stage: StageName;
      step: number;
      prompt: string;
      text: string;
      expected?: string;
    }
  | { kind: 'memory'; residentBytes: number; peakBytes: number; diskFreeBytes: number }
  | { kind: 'warning'; code: string; message: string }
  | { kind: 'run-paused'; reason: string }
  | { kind: 'run-stopped'; stage: StageName; step: number }
  | { kind: 'run-failed'; error: ErrorDetails }
  | { kind: 'run-finished'; seconds: number };

export type RunEvent = EventBody & {
  runId: string;
  /** 0, 1, 2, ... within the run. */
  seq: number;
  /** Milliseconds since 1970. */
  time: number;
};

/** How engine and pipeline report; the host numbers, stores and forwards. */
export type Emit = (event: EventBody) => void;
