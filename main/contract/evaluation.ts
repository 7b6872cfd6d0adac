/**
 * An evaluation on a benchmark: what is asked for, what is told while it runs, and what is left. Used
 * by `wds eval`, the engine process, the Evaluate page, comparisons and reports. An evaluation lives
 * in a folder of its own: `evaluation.json` (what was asked, with hashes), `items.jsonl` (one line
 * for each generation, appended as soon as it is finished), `summary.json` (written last).
 */
import { z } from 'zod';

export const benchmarkNames = [
  'gsm8k',
  'math500',
  'aime2025',
  'amc23',
  'mawps',
  'svamp',
  'aqua',
  'humaneval',
  'mbpp',
] as const;

const path = z.string().min(1).max(4096);

export const evaluationRequestSchema = z.strictObject({
  /** Model folder, or the folder of an adapter checkpoint. */
  model: path,
  /** A LoRA adapter on top of the model. */
  adapter: path.optional(),
  /** The name of a benchmark, or a task file (YAML). */
  task: path,
  /** May be left out where the task file names its own. */
  data: path.optional(),
  /** Only so many items from the beginning of the file. */
  limit: z.int().positive().optional(),
  /** Generations for each item. */
  samples: z.int().positive().max(1024).default(1),
  /** Which pass@k to report besides mean@n; default: pass@n. */
  passAt: z.array(z.int().positive()).max(20).default([]),
  /** Default: the benchmark's, as in the paper. */
  maxNewTokens: z.int().positive().max(131_072).optional(),
  /** Default as in the paper: 0 (greedy) for one sample, 0.5 for several. */
  temperature: z.number().min(0).max(10).optional(),
  topP: z.number().gt(0).max(1).default(1),
  topK: z.int().min(0).default(0),
  seed: z.int().min(0).default(42),
  /** Most generations at once; default: what the cache's budget allows, at most 32. */
  batch: z.int().positive().max(1024).optional(),
  precision: z.enum(['f32', 'bf16']).default('f32'),
});
export type EvaluationRequest = z.output<typeof evaluationRequestSchema>;
export type EvaluationRequestInput = z.input<typeof evaluationRequestSchema>;

/** Of code: `failed` and the rest are the sandbox's names (run-code-task.ts), kept in `detail`. */
export type EvaluationVerdict = 'correct' | 'wrong' | 'no-answer';

export type EvaluationProgress =
  | {
      kind: 'evaluation-started';
      task: string;
      items: number;
      generations: number;
      /** Found finished from an earlier start. */
      kept: number;
      warnings: string[];
    }
  | {
      kind: 'evaluation-progress';
      done: number;
      generations: number;
      correct: number;
      tokens: number;
      tokensPerSecond: number;
      /** Seconds to go, absent until it can be known; see pipeline/evaluation/remaining-time.ts. */
      remaining?: number;
    }
  | { kind: 'evaluation-finished'; summary: EvaluationSummary };

/** A line of `items.jsonl`. A later line for the same item and sample replaces an earlier one. */
export interface EvaluationLine {
  /** Position of the item in the data, from 0. */
  item: number;
  /** From 0. */
  sample: number;
  id: string | number;
  question: string;
  expected: string;
  /** The whole response, thinking included. */
  text: string;
  /** Tokens of the response, the stop token included. */
  ids: number[];
  promptTokens: number;
  finishReason: 'stop' | 'length';
  answer: string | null;
  /** Null: a program that was not yet judged. */
  verdict: EvaluationVerdict | null;
  /** What the sandbox said of a program. */
  detail?: string;
  /** When the process that made it began and when it was finished, in ms since 1970. */
  started: number;
  time: number;
}

/** A share with its 95 % interval. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

export interface EvaluatedItem {
  item: number;
  id: string | number;
  expected: string;
  /** One entry for each sample. */
  answers: (string | null)[];
  verdicts: EvaluationVerdict[];
}

export const evaluationVersion = 1;

export interface EvaluationSummary {
  format: 'weak-driven-studio.evaluation';
  version: typeof evaluationVersion;
  /** SHA-256 over model, task, data and settings: equal hashes, the same evaluation. */
  hash: string;
  /** `sha256` over the bytes of its weights, configuration and tokenizer. */
  model: { path: string; adapter: string | null; sha256: string };
  task: { name: string; title: string; kind: string; sha256: string };
  data: { file: string; sha256: string; items: number };
  settings: EvaluationSettings;
  items: number;
  samples: number;
  /** Mean over all generations (mean@n); for one sample the accuracy. */
  mean: Estimate;
  /** The unbiased estimator, mean over the items. */
  passAt: (Estimate & { k: number })[];
  /** Generations that reached maxNewTokens, and those without an answer. */
  cutOff: number;
  withoutAnswer: number;
  tokens: number;
  /** In work, over all starts. */
  seconds: number;
  /** Milliseconds since 1970. */
  finished: number;
  warnings: string[];
  verdicts: EvaluatedItem[];
  /** For code: what it ran in. */
  sandbox?: string;
}

/** Everything that decides what is generated and how it is judged. */
export interface EvaluationSettings {
  samples: number;
  maxNewTokens: number;
  temperature: number;
  topP: number;
  topK: number;
  seed: number;
  precision: 'f32' | 'bf16';
  limit: number | null;
  systemPrompt: string | null;
  thinking: boolean;
}
