/**
 * One prompt to several models, with the same sampling and seed, their answers told as they come. As
 * many models as fit into a quarter of the machine's memory are open together and take turns every few
 * tokens; the others follow. A model that cannot be opened has its reason in its place.
 */
import { readdirSync, statSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { StudioError, toErrorDetails } from '../contract/errors.ts';
import type { GeneratedBeside, Generation, GenerationSoFar } from '../contract/generation.ts';
import { openGenerator } from '../engine/model/generate.ts';
import { loadTensorFlow } from '../engine/runtime/tensorflow.ts';
import { loadTokenizer } from '../engine/tokenizer/tokenizer.ts';
import type { ModelSource } from '../engine/train/model-source.ts';

export type BesideRequest = Omit<GeneratedBeside, 'answers'>;

export interface BesideContext {
  onText: (soFar: GenerationSoFar) => void;
  /** Between steps; throws StudioError('stopped') to stop. */
  breathe: () => Promise<void>;
}

/** Milliseconds between two messages about one model. */
const messageInterval = 30;

/** @param models each may throw for a model that cannot be found @throws stopped */
export async function generateBeside(
  models: readonly (() => ModelSource)[],
  request: BesideRequest,
  context: BesideContext,
): Promise<GeneratedBeside> {
  loadTensorFlow();
  const answers: GeneratedBeside['answers'] = [];
  const answer = async (model: number): Promise<void> => {
    try {
      const onText = (text: string, tokens: number) => context.onText({ model, text, tokens });
      answers[model] = await generateOne(models[model]!(), request, onText, context.breathe);
    } catch (error) {
      if (error instanceof StudioError && error.code === 'stopped') throw error;
      answers[model] = { error: toErrorDetails(error) };
    }
  };
  for (const group of groupsThatFit(models)) {
    // Each closes its model before the next group opens, also when they are stopped.
    const ended = await Promise.allSettled(group.map(answer));
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
  }
  return { ...request, answers };
}

function groupsThatFit(models: readonly (() => ModelSource)[]): number[][] {
  const budget = totalmem() / 4;
  const groups: number[][] = [];
  let used = Infinity;
  for (const [model, source] of models.entries()) {
    const bytes = computedBytes(source);
    if (used + bytes > budget) {
      groups.push([]);
      used = 0;
    }
    groups.at(-1)!.push(model);
    used += bytes;
  }
  return groups;
}

/** Of the weights as f32, should they be stored in 16 bits. */
function computedBytes(source: () => ModelSource): number {
  try {
    const { base } = source();
    const files = readdirSync(base).filter((name) => name.endsWith('.safetensors'));
    return 2 * files.reduce((sum, name) => sum + statSync(join(base, name)).size, 0);
  } catch {
    return 0;
  }
}

async function generateOne(
  { base, adapter }: ModelSource,
  { prompt, maxNewTokens, temperature, topP, seed }: BesideRequest,
  onText: (text: string, tokens: number) => void,
  breathe: () => Promise<void>,
): Promise<Generation> {
  const started = performance.now();
  const tokenizer = loadTokenizer(base);
  const asked = tokenizer.hasChatTemplate
    ? tokenizer.renderChat([{ role: 'user', content: prompt }], { addGenerationPrompt: true })
    : prompt;
  const decode = (ids: number[]): string => tokenizer.decode(ids, { skipSpecialTokens: true });
  const generator = await openGenerator({
    modelDir: base,
    ...(adapter !== null && { adapterDir: adapter }),
  });
  const soFar: number[] = [];
  let told = -Infinity;
  try {
    const [generated] = await generator.generate([tokenizer.encode(asked)], {
      maxNewTokens,
      temperature,
      topP,
      seed,
      stopIds: tokenizer.stopIds,
      onToken(_, id) {
        soFar.push(id);
        if (performance.now() - told < messageInterval) return;
        told = performance.now();
        // The bytes of a character may be spread over several tokens.
        onText(decode(soFar).replace(/\ufffd+$/, ''), soFar.length);
      },
      onProgress: breathe,
    });
    const { ids, finishReason } = generated!;
    onText(decode(ids), ids.length);
    return { ids, text: decode(ids), finishReason, seconds: (performance.now() - started) / 1000 };
  } finally {
    generator.close();
  }
}
