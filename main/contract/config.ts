/**
 * The run configuration: one schema for `wds run`, `wds train`, the wizard's form and `config.json`.
 * Every default is the paper's (WMSS, arXiv 2602.08222) or its reference implementation's.
 * Unknown keys are errors, so that a misspelt field never silently keeps its default.
 */
import { z } from 'zod';

const positiveInteger = z.int().positive();
const fraction = z.number().min(0).max(1);

/** How long a training stage lasts: whole passes over its data, or a number of optimizer steps. */
const duration = {
  epochs: z.number().positive().optional(),
  steps: positiveInteger.optional(),
};

export const dataSchema = z.strictObject({
  file: z.string().min(1),
  format: z.enum(['auto', 'jsonl', 'csv', 'parquet']).default('auto'),
  /** Column names where they differ from the recognised ones, e.g. { prompt: "question" }. */
  columns: z
    .strictObject({
      id: z.string().optional(),
      messages: z.string().optional(),
      prompt: z.string().optional(),
      input: z.string().optional(),
      completion: z.string().optional(),
    })
    .default({}),
  systemPrompt: z.string().nullable().default(null),
  /** JSON file: one entry per optimizer step, each a list of micro-batches of row indices. */
  order: z.string().optional(),
  /** Leave out rows that cannot be read instead of stopping at the first one. */
  skipInvalid: z.boolean().default(false),
  /** Only the first rows of the file; absent: all. */
  limit: positiveInteger.optional(),
});

export const curriculumSchema = z.strictObject({
  /** `uniform`: every sample as likely as any other, the control of a curriculum. */
  scheme: z.enum(['discrepancy', 'brownboost', 'uniform']).default('discrepancy'),
  alpha: z.number().min(0).default(0.1),
  beta: z.number().min(0).default(0.8),
  gamma: z.number().min(0).default(0.1),
  multiplier: z.number().positive().default(1),
  seed: z.int().min(0).default(42),
  entropyAlignment: z.enum(['predicting', 'reference']).default('predicting'),
});

export const optimizerSchema = z.strictObject({
  learningRate: z.number().positive().default(1e-5),
  betas: z.tuple([fraction, fraction]).default([0.9, 0.999]),
  epsilon: z.number().positive().default(1e-8),
  weightDecay: z.number().min(0).default(0),
  maxGradNorm: z.number().positive().default(1),
  /**
   * Of matrices in full fine-tuning; absent: f32. With bf16 AdamW takes half of the memory, and what it
   * writes in bf16 is rounded stochastically, bf16 weights included.
   */
  moments: z.enum(['f32', 'bf16']).optional(),
});

export const scheduleSchema = z.strictObject({
  kind: z.enum(['linear', 'constant', 'cosine']).default('linear'),
  warmupSteps: z.int().min(0).default(0),
});

export const batchSchema = z.strictObject({
  micro: positiveInteger.default(1),
  accumulation: positiveInteger.default(32),
  maxLength: positiveInteger.default(4096),
  packing: z.boolean().default(true),
});

export const loraSchema = z.strictObject({
  rank: positiveInteger.default(16),
  alpha: z.number().positive().default(32),
  dropout: z.number().min(0).max(0.99).default(0),
  targets: z
    .union([
      z.literal('all-linear'),
      z
        .array(
          z.enum(['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj']),
        )
        .min(1),
    ])
    .default('all-linear'),
  /** A PEFT adapter to start from; absent: a fresh one (B = 0). */
  adapter: z.string().optional(),
});

export const precisionSchema = z.strictObject({
  weights: z.enum(['auto', 'f32', 'bf16']).default('auto'),
  compute: z.enum(['auto', 'f32', 'bf16']).default('auto'),
});

export const evaluationSchema = z.strictObject({
  /** Held-out rows: their loss, and the exact-match accuracy of greedy answers, after each phase. */
  heldOut: z.string().optional(),
  limit: positiveInteger.optional(),
  maxNewTokens: positiveInteger.default(256),
  tasks: z.array(z.string()).default([]),
  samples: positiveInteger.default(1),
});

export const neftuneSchema = z.strictObject({ alpha: z.number().min(0).default(5) });
export const undialSchema = z.strictObject({ strength: z.number().min(0).default(10) });

export const runConfigSchema = z.strictObject({
  name: z.string().min(1).max(80).optional(),
  model: z.string().min(1),
  /** The weak agent: the base, a folder, or a historical checkpoint of this run's SFT. */
  weak: z.string().min(1).default('base'),
  data: dataSchema,
  sft: z.strictObject(duration).default({ epochs: 1 }),
  curriculum: curriculumSchema.prefault({}),
  joint: z
    .strictObject({
      ...duration,
      lambda: fraction.default(0.5),
      freezeWeak: z.boolean().default(false),
      /**
       * A frozen weak agent's final hidden states are computed once, kept on disk and read in every step;
       * auto: where memory would not hold both models.
       */
      cacheWeak: z.enum(['auto', 'on', 'off']).default('auto'),
    })
    .refine(({ cacheWeak, freezeWeak }) => cacheWeak !== 'on' || freezeWeak, {
      message:
        'on needs joint.freezeWeak: true, since a weak agent that is trained changes every step',
      path: ['cacheWeak'],
    })
    .prefault({}),
  /** One training stage alone, from `model` (and `weak`) over `data`; absent: the whole method. */
  only: z.enum(['sft', 'joint', 'neftune', 'undial']).optional(),
  /** Also continue plain SFT for as many steps as joint training takes, as the fair comparison. */
  baseline: z.boolean().default(true),
  /** NEFTune as a further baseline of as many steps; alpha scales the noise on the embeddings. */
  neftune: neftuneSchema.nullable().default(null),
  /** UNDIAL as a further baseline; the SFT model teaches, its target logit lowered by `strength`. */
  undial: undialSchema.nullable().default(null),
  optimizer: optimizerSchema.prefault({}),
  schedule: scheduleSchema.prefault({}),
  batch: batchSchema.prefault({}),
  lora: loraSchema.nullable().default(null),
  precision: precisionSchema.prefault({}),
  checkpoints: z
    .strictObject({ everySteps: positiveInteger.default(100), keep: positiveInteger.default(3) })
    .prefault({}),
  lossOn: z.enum(['completion', 'all']).default('completion'),
  evaluation: evaluationSchema.prefault({}),
  seed: z.int().min(0).default(42),
  device: z.enum(['auto', 'cpu', 'gpu']).default('auto'),
});

export type RunConfig = z.output<typeof runConfigSchema>;
/** What a user writes: every field that has a default may be left out. */
export type RunConfigInput = z.input<typeof runConfigSchema>;
export type DataConfig = z.output<typeof dataSchema>;
export type CurriculumConfig = z.output<typeof curriculumSchema>;
export type OptimizerConfig = z.output<typeof optimizerSchema>;
export type ScheduleConfig = z.output<typeof scheduleSchema>;
export type BatchConfig = z.output<typeof batchSchema>;
export type LoraConfig = z.output<typeof loraSchema>;
export type PrecisionConfig = z.output<typeof precisionSchema>;
export type EvaluationConfig = z.output<typeof evaluationSchema>;
