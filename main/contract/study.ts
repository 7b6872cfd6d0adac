/**
 * A study: arms x seeds on generated tasks, as a file says it before anything is run, and what came out.
 * Every arm of a block starts from the same models, sees data of the same generator and answers the same
 * held-out items. Losses, entropies: nats.
 */
import { z } from 'zod';
import {
  batchSchema,
  curriculumSchema,
  neftuneSchema,
  optimizerSchema,
  scheduleSchema,
  undialSchema,
} from './config.ts';

const positive = z.int().positive();
const seed = z.int().min(0);
/** Level names with their shares. */
const levels = z.record(z.string(), z.number().positive());
const name = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'small letters, digits and -');

export const armSchema = z.strictObject({
  title: z.string().min(1),
  /** The model it goes on from: SFT's, or that of an arm named before. */
  start: name.default('sft'),
  objective: z.enum(['sft', 'joint', 'neftune', 'undial']),
  lambda: z.number().min(0).max(1).default(0.5),
  /** `base`, `sft`, `checkpoint:N` of SFT, or an arm named before. */
  weak: z.string().default('base'),
  freezeWeak: z.boolean().default(true),
  curriculum: curriculumSchema.shape.scheme.or(z.literal('none')).default('none'),
  neftune: neftuneSchema.prefault({}),
  undial: undialSchema.prefault({}),
  /** Absent: the study's. */
  steps: positive.optional(),
});

export const taskSchema = z.strictObject({
  title: z.string().min(1),
  /** What the base model is trained on before the study begins. */
  base: z.strictObject({
    rows: positive,
    levels,
    steps: positive,
    learningRate: z.number().positive(),
    seed,
  }),
  training: z.strictObject({ rows: positive, levels }),
  heldOut: z.strictObject({ rows: positive, levels, seed }),
  outOfDistribution: z.strictObject({ rows: positive, levels, seed }),
});

export const studySchema = z.strictObject({
  title: z.string().min(1),
  tasks: z.record(name, taskSchema),
  vocabulary: positive.default(384),
  arms: z.record(name, armSchema),
  /** What each block runs; `references` are the arms that all are compared with. */
  blocks: z
    .array(
      z.strictObject({
        name,
        title: z.string().min(1),
        task: name,
        shape: z.string(),
        seeds: z.array(seed).min(1),
        arms: z.array(name).min(1),
      }),
    )
    .min(1),
  references: z.strictObject({
    equalSteps: name,
    equalCompute: name.optional(),
    /** At equal steps in all, of arms that start from another arm. */
    secondRound: name.optional(),
  }),
  sft: z.strictObject({ steps: positive, checkpointEvery: positive }),
  /** Optimizer steps of every arm that does not say otherwise. */
  steps: positive,
  optimizer: optimizerSchema.prefault({}),
  schedule: scheduleSchema.prefault({}),
  batch: batchSchema.prefault({}),
  maxNewTokens: positive.default(64),
  bootstrap: z
    .strictObject({ samples: positive.default(2000), seed: seed.default(1) })
    .prefault({}),
});

export type Study = z.output<typeof studySchema>;
export type StudyArm = z.output<typeof armSchema>;
export type StudyTask = z.output<typeof taskSchema>;
export type StudyBlock = Study['blocks'][number];

/** One held-out item as one model answered it. */
export interface StudyItem {
  id: string;
  level: string;
  correct: boolean;
  loss: number;
  entropy: number;
  margin: number;
}

/** Means of up to 60 spans of a stage's steps. */
export interface StudyCurve {
  step: number[];
  margin: number[];
  entropy: number[];
  /** Probability on wrong tokens, of the trained model. */
  nonTargetMass: number[];
  /** The same under the mixture, which the gradient is proportional to; empty without one. */
  mixedMass: number[];
}

/** One model of a study: the base, SFT's, or an arm's, for one seed. */
export interface StudyModel {
  arm: string;
  seed: number;
  steps: number;
  /** Of the training steps: wall clock, and processor time over all threads. */
  seconds: number;
  processorSeconds: number;
  items: StudyItem[];
  curve: StudyCurve | null;
}

export interface StudyInterval {
  mean: number;
  low: number;
  high: number;
}

/** An arm against a reference, on the same items and seeds. */
export interface StudyEffect {
  reference: string;
  /** Difference of accuracies: mean over seeds, Student's t. */
  difference: StudyInterval;
  /** 95 % percentile interval of a bootstrap over seeds and items. */
  bootstrap: { low: number; high: number };
  fixed: number;
  broken: number;
  /** McNemar's exact test over all seeds' items. */
  pValue: number;
}

export interface StudyScore {
  arm: string;
  title: string;
  seeds: number[];
  steps: number;
  accuracy: StudyInterval;
  perSeed: number[];
  outOfDistribution: StudyInterval;
  loss: StudyInterval;
  lossPerSeed: number[];
  levels: Record<string, { accuracy: number; loss: number; entropy: number; margin: number }>;
  /** Processor seconds of a step over those of the reference at equal steps. */
  stepCost: number | null;
  effects: StudyEffect[];
  /** Mean over seeds. */
  curve: StudyCurve | null;
}

export interface StudyBlockResult {
  name: string;
  title: string;
  task: string;
  shape: string;
  heldOut: number;
  outOfDistribution: number;
  seeds: number[];
  /** Seeds that the file asks for and that have not been run. */
  missing: number[];
  scores: StudyScore[];
}

export interface StudyResult {
  format: 'weak-driven-studio.study';
  version: 1;
  study: Study;
  blocks: StudyBlockResult[];
  hardware: { processor: string; instructions: string[]; memoryBytes: number; tensorflow: string };
  /** In training steps, of the models that are reported. */
  seconds: number;
}
