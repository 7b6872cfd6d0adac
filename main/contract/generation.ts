/**
 * One prompt to several models with the same sampling and seed: what a window is told while they answer,
 * and what it, `wds compare` and exported comparisons hold of it in the end.
 */
import { z } from 'zod';
import type { ErrorDetails } from './errors.ts';

/** What one of them has said so far. */
export interface GenerationSoFar {
  /** Index of the model as it was asked. */
  model: number;
  text: string;
  tokens: number;
}

const generationSchema = z.strictObject({
  /** The new tokens, the stop token included. */
  ids: z.array(z.int().min(0)).max(8192),
  text: z.string().max(1_000_000),
  finishReason: z.enum(['stop', 'length']),
  /** Loading the model included. */
  seconds: z.number().min(0),
});
export type Generation = z.output<typeof generationSchema>;

/** A window sends it back to have it in an exported comparison, so it is parsed, too. */
export const generatedBesideSchema = z.strictObject({
  prompt: z.string().max(100_000),
  maxNewTokens: z.int().positive(),
  temperature: z.number().min(0),
  topP: z.number().gt(0).max(1),
  seed: z.int().min(0),
  /** By model; a model that cannot be opened has its reason here, the others their answers. */
  answers: z
    .array(z.union([generationSchema, z.strictObject({ error: z.custom<ErrorDetails>(isError) })]))
    .max(6),
});
export type GeneratedBeside = z.output<typeof generatedBesideSchema>;

function isError(value: unknown): boolean {
  const details = z.strictObject({ code: z.string(), message: z.string(), hint: z.string() });
  return details.safeParse(value).success;
}
