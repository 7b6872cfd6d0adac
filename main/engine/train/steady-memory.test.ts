/**
 * Memory stays flat over many optimizer steps: nothing made in a step outlives it, neither in
 * tfjs (its count of tensors) nor in TensorFlow (resident memory of the process).
 */
import { expect, test } from 'vitest';
import { batchShape, fixtureBatch } from '../../fixtures/reference-batch.ts';
import { readFixtureTensors } from '../../fixtures/reference-files.ts';
import { openTraining, referenceOptimizer } from '../../fixtures/reference-training.ts';
import { loadTensorFlow } from '../runtime/tensorflow.ts';
import { optimizerStep } from './optimizer-step.ts';

test('300 steps take no more memory than 50', async () => {
  const batch = fixtureBatch(readFixtureTensors('mixed_loss.safetensors'), 'batch', 144);
  const weak = { name: 'base', trained: 'nothing' } as const;
  const training = await openTraining('strong', weak, { shapes: [batchShape(batch)] });
  const settings = {
    optimizer: referenceOptimizer,
    vocabulary: training.strong.config.vocabularySize,
    objective: 'joint' as const,
    lambda: 0.5,
    moreFeeds: () => ({}),
  };
  const measured: { resident: number; tensors: number }[] = [];
  for (let step = 1; step <= 300; step++) {
    optimizerStep(training.session, [batch], step, 1e-5, settings);
    if (step === 50 || step === 300) {
      globalThis.gc?.();
      measured.push({
        resident: process.memoryUsage.rss(),
        tensors: loadTensorFlow().memory().numTensors,
      });
    }
  }
  training.session.close();
  const [early, late] = measured;
  expect(late!.tensors).toBe(early!.tensors);
  expect(late!.resident / early!.resident).toBeLessThan(1.03);
});
