/**
 * A window of one micro-batch keeps the gradients of bf16 weights in bf16, the type in which the products
 * give them; more of them are summed in f32. Between the two not a bit of the result differs.
 */
import { describe, expect, it } from 'vitest';
import { qwen3ConfigOf, readBenchConfig } from '../bench/bench-config.ts';
import { loadRandomWeights, randomBatch } from '../bench/random-inputs.ts';
import { openSession } from '../graph/session.ts';
import { allParameters, trainedParameters } from '../model/variables.ts';
import type { TrainingShape } from './batch-shape.ts';
import { optimizerStep } from './optimizer-step.ts';
import { buildTrainingProgram } from './training-program.ts';

const model = {
  hidden_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 8,
  intermediate_size: 64,
  vocab_size: 128,
};
const config = qwen3ConfigOf(readBenchConfig('small', [`model=${JSON.stringify(model)}`]));
const batch = randomBatch(1, 16, model.vocab_size, 3);
const optimizer = {
  learningRate: 1e-2,
  betas: [0.9, 0.999] as [number, number],
  epsilon: 1e-8,
  weightDecay: 0.01,
  maxGradNorm: 1,
};

async function train(writes: TrainingShape['writes']) {
  const { program, strong } = buildTrainingProgram({
    config,
    strong: { trained: 'all', weights: 'bf16', lora: null },
    weak: null,
    compute: 'bf16',
    recompute: 'cheap',
    placement: { islands: 'xla', functions: 'plain' },
    optimizer,
    objective: 'sft',
    shapes: [{ rows: 1, length: 16, targets: batch.labels.length, writes }],
    measureShapes: [],
    logitsShapes: [],
  });
  const session = await openSession(program);
  loadRandomWeights(session, strong, 1);
  session.zero('strong/moments');
  const settings = {
    optimizer,
    vocabulary: model.vocab_size,
    objective: 'sft',
    lambda: 0,
  } as const;
  const norms = [1, 2, 3].map(
    (update) =>
      optimizerStep(session, [batch], update, 1e-2, { ...settings, moreFeeds: () => ({}) })
        .gradientNorm,
  );
  const weights = allParameters(strong).map(({ variable }) =>
    Buffer.concat([...session.read(variable.name)]).toString('base64'),
  );
  session.close();
  const types = trainedParameters(strong).map(({ variable, training }) => [
    variable.dtype,
    training.gradient.dtype,
  ]);
  return { norms, weights, types };
}

describe('gradients of bf16 weights', () => {
  it('are bf16 where nothing is added up, with the same result', async () => {
    const once = await train(['set']);
    const summed = await train(['set', 'add']);
    expect(once.weights).toEqual(summed.weights);
    expect(once.norms).toEqual(summed.norms);
    expect(once.norms[0]).toBeGreaterThan(0);
    expect(new Set(summed.types.map(([, gradient]) => gradient))).toEqual(new Set(['f32']));
    // The embedding is the head too, whose gradient is the sum of chunks.
    const [embedding, ...others] = once.types;
    expect(embedding).toEqual(['bf16', 'f32']);
    for (const [weight, gradient] of others) expect(gradient).toBe(weight);
  });
});
