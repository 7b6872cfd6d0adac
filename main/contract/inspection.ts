/**
 * Answers of the requests that look into models and data before (or beside) a run: what a folder
 * holds, what the template makes of a row, which checkpoints could be the weak agent, what mixing
 * does to one prompt, what a run will cost. Logits and losses as the engine computes them.
 */
import type { ErrorDetails } from './errors.ts';
import type { EvaluationResult, StageName } from './events.ts';

export interface ModelFacts {
  path: string;
  name: string;
  /** As config.json says, e.g. Qwen3ForCausalLM. */
  architecture: string;
  layers: number;
  hiddenSize: number;
  intermediateSize: number;
  attentionHeads: number;
  keyValueHeads: number;
  headDimension: number;
  vocabularySize: number;
  tiedHead: boolean;
  maxPositions: number;
  /** Storage type of the weights, e.g. bf16. */
  weightType: string;
  parameters: number;
  bytes: number;
  shards: number;
  hasTokenizer: boolean;
  hasChatTemplate: boolean;
}

export type ModelInspection =
  { recognised: true; model: ModelFacts } | { recognised: false; problems: ErrorDetails[] };

/** A model that could be the weak (or the strong) agent: one node of the lineage tree. */
export interface LineageNode {
  id: string;
  kind: 'base' | 'checkpoint' | 'result';
  /** E.g. "step 400 of demo-1". */
  label: string;
  /** A folder in Hugging Face layout. */
  path: string;
  parent?: string;
  runId?: string;
  runName?: string;
  stage?: StageName;
  step?: number;
  /** Milliseconds since 1970. */
  time?: number;
  bytes?: number;
  heldOut?: EvaluationResult;
  /** Of the run's training rows, where a run measured them under this model; `top`: upper end. */
  entropies?: { top: number; counts: number[]; mean: number };
  /** Why it cannot be used: damaged, another vocabulary, another tokenizer. */
  problem?: ErrorDetails;
}

export interface Lineage {
  nodes: LineageNode[];
  strong?: string;
  /** The candidate to take when in doubt, and why. */
  recommended?: { id: string; reason: string };
}

export interface PreviewToken {
  id: number;
  text: string;
  /** True where the loss looks. */
  trained: boolean;
}

export interface PreviewRow {
  index: number;
  id: string | number;
  /** Length before truncation. */
  length: number;
  answerTokens: number;
  truncated: boolean;
  tokens: PreviewToken[];
}

/** Preflight of a data file against a model's tokenizer and template. */
export interface DataPreview {
  file: string;
  format: string;
  columns: string[];
  /** Rows in the file, and how many of them were examined for the figures below. */
  rows: number;
  examined: number;
  shown: PreviewRow[];
  /** Token lengths of the examined rows: `counts[i]` rows have a length in [edges[i], edges[i+1]). */
  histogram: { edges: number[]; counts: number[] };
  maxLength: number;
  tokens: number;
  answerTokens: number;
  truncated: number[];
  allMasked: number[];
  /** Rows that say the same as an earlier row. */
  duplicates: number[];
  /** Rows whose prompt is also in the held-out file. */
  overlap: number[];
  /** Rows that could not be read, with line number and reason. */
  invalid: { line: number; message: string }[];
  /** What else a practitioner should know, e.g. a prompt that is not a token prefix. */
  notices: string[];
}

export interface TokenCandidate {
  id: number;
  text: string;
  logit: number;
  probability: number;
}

export interface MixedPosition {
  /** Index into `tokens` of the token that is predicted. */
  position: number;
  label: TokenCandidate;
  weak: TokenCandidate[];
  strong: TokenCandidate[];
  mixed: TokenCandidate[];
  /** Mass on wrong tokens. */
  weakNonTargetMass: number;
  strongNonTargetMass: number;
  mixedNonTargetMass: number;
  /** mixedNonTargetMass / strongNonTargetMass at each of `lambdas`. */
  amplification: number[];
}

export interface MixInspection {
  tokens: PreviewToken[];
  /** One entry per answer token. */
  positions: MixedPosition[];
  lambdas: number[];
  /** Over all answer tokens of the prompt, at each of `lambdas`. */
  meanAmplification: number[];
}

/** One sample with the entropy of every answer token under two models. */
export interface SampleInspection {
  index: number;
  id: string | number;
  tokens: (PreviewToken & { entropy0?: number; entropy1?: number })[];
}

export interface Plan {
  /** Peak memory by part (weights, moments, gradients, activations, logits chunk...). */
  memory: { part: string; bytes: number }[];
  memoryBytes: number;
  memoryAvailableBytes: number;
  /** The training stages. Times are absent where no figure for this machine is known yet. */
  stages: { stage: StageName; steps: number; seconds?: number }[];
  /** Of all of `stages`; measuring and evaluating come on top. */
  seconds?: number;
  /** Where the times are from, to go on after "the time is ". */
  timeSource?: string;
  diskBytes: number;
  diskFreeBytes: number;
  /** Changes that would make it fit or faster, each with what it saves. */
  advice: { text: string; saves?: number }[];
}

/** One held-out item as one model answered it. */
export interface AnsweredItem {
  model: string;
  index: number;
  id: string | number;
  prompt: string;
  expected: string;
  text: string;
  /** What was taken out of the text as its answer. */
  answer: string;
  correct: boolean;
}
