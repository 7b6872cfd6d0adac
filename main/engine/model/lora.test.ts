/** An adapter on a model against PEFT's: logits, and the gradients of A and B (fixtures/lora.*). */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  largestDifference,
  relativeDifference,
  relativeToLargest,
} from '../../fixtures/deviation.ts';
import {
  batchShape, fixtureBatch, fixtureDocuments, packedBatch,
} from '../../fixtures/reference-batch.ts'; // prettier-ignore
import { readFixtureJson, readFixtureTensors } from '../../fixtures/reference-files.ts';
import {
  adapterModel, compiledIslands, loadAdapter, loadModel, modelConfig, peftName, readFloats,
} from '../../fixtures/reference-model.ts'; // prettier-ignore
import {
  accumulate, gradientNorm, loadTraining, openTraining, readGradients, type Training,
} from '../../fixtures/reference-training.ts'; // prettier-ignore
import { openSession } from '../graph/session.ts';
import { shapeName } from '../train/batch-shape.ts';
import { measureFeeds } from '../train/feeds.ts';
import { buildMeasureProgram } from '../train/measure-program.ts';
import { trainedParameters } from './variables.ts';

const lora = readFixtureTensors('lora.safetensors');
const expected = readFixtureJson<{ lambda: number; loss: number; grad_norm: number }>('lora.json');
const batch = fixtureBatch(lora, 'loss_batch', 144);
const shapes = [batchShape(batch)];
const { lambda } = expected;

describe('an adapter on the strong model', () => {
  it('gives the reference logits, which are those of the merged weights', async () => {
    const shape = { rows: 2, length: 44, targets: 88 };
    const { program, model } = buildMeasureProgram({
      config: modelConfig('strong'),
      mode: { ...adapterModel, trained: 'nothing' },
      compute: 'f32',
      placement: compiledIslands,
      measureShapes: [],
      logitsShapes: [shape],
    });
    const session = await openSession(program);
    loadModel(session, model, 'strong');
    const rows = fixtureDocuments(lora, 'batch').map((document) => [document]);
    const targetRows = Int32Array.from({ length: shape.targets }, (_, i) => i);
    const feeds = measureFeeds({ ...packedBatch(rows, shape), targetRows });
    const logits = () => session.call(`logits:${shapeName(shape)}`, feeds)['logits']!;
    session.zero('model/adapter');
    expect(largestDifference(logits(), lora.f32('logits')), 'switched off').toBeGreaterThan(1);
    loadAdapter(session, model);
    expect(largestDifference(logits(), lora.f32('logits'))).toBeLessThan(1e-4);
    expect(largestDifference(logits(), lora.f32('merged_logits'))).toBeLessThan(1e-4);
    session.close();
  });
});

describe('joint training of an adapter', () => {
  const weak = { name: 'base', trained: 'nothing' } as const;
  let training: Training;
  beforeAll(async () => {
    training = await openTraining('strong', weak, { strong: adapterModel, shapes });
    return () => training.session.close();
  });

  it('has the reference loss, gradients and gradient norm', () => {
    const { loss } = accumulate(training, batch, { lambda });
    expect(Math.abs(loss - expected.loss)).toBeLessThan(1e-5);
    const gradients = readGradients(training.session, training.strong);
    const layers = 3;
    const linears = 7;
    expect(gradients.size).toBe(layers * linears * 2);
    for (const [name, gradient] of gradients) {
      const reference = lora.f32(`grad.${peftName(name)}`);
      expect(relativeToLargest(gradient, reference), name).toBeLessThan(1e-4);
    }
    const norm = gradientNorm(training, ['strong']);
    expect(relativeDifference(norm, expected.grad_norm)).toBeLessThan(1e-4);
  });

  it('beside its own base as the weak model needs one copy of the base', async () => {
    const base = { name: 'strong', trained: 'nothing' } as const;
    const choice = { strong: adapterModel, shapes };
    const shared = await openTraining('strong', { ...base, shareBase: true }, choice);
    loadTraining(training, 'strong', base);
    const measured = [shared, training].map((one) => ({
      loss: accumulate(one, batch, { lambda }).loss,
      gradients: readGradients(one.session, one.strong),
      weakVariables: [...one.session.variables.keys()].filter((name) => name.startsWith('weak/')),
    }));
    const [together, apart] = measured as [(typeof measured)[0], (typeof measured)[0]];
    expect(together.weakVariables).toEqual([]);
    expect(apart.weakVariables.length).toBeGreaterThan(0);
    expect(Math.abs(together.loss - apart.loss)).toBeLessThan(1e-6);
    for (const [name, gradient] of apart.gradients) {
      expect(relativeToLargest(together.gradients.get(name)!, gradient), name).toBeLessThan(1e-6);
    }
    shared.session.close();
  });
});

describe('an adapter with dropout', () => {
  it('differentiates what it computed: both passes draw the same mask', async () => {
    const dropped = { ...adapterModel, lora: { ...adapterModel.lora!, dropout: 0.3 } };
    const training = await openTraining('strong', null, { strong: dropped, shapes });
    const { session, strong } = training;
    const dropoutKey = Int32Array.of(3, 4);
    const { loss } = accumulate(training, batch, { dropoutKey });
    const gradients = readGradients(session, strong);
    const square = gradientNorm(training, ['strong']) ** 2;
    const otherKey = accumulate(training, batch, { dropoutKey: Int32Array.of(3, 5) });
    expect(Math.abs(otherKey.loss - loss)).toBeGreaterThan(1e-3);

    // A step along the gradient changes the loss by step * |g|^2, as central differences see it.
    const adapters = trainedParameters(strong);
    const start = new Map(adapters.map((p) => [p.name, readFloats(session, p.variable.name)]));
    const lossAfter = (step: number): number => {
      session.load(
        adapters.map(({ name, variable }) => {
          const moved = start.get(name)!.map((x, i) => x + step * gradients.get(name)![i]!);
          return { variable: variable.name, pieces: [new Uint8Array(moved.buffer)] };
        }),
      );
      return accumulate(training, batch, { dropoutKey }).loss;
    };
    const step = 2e-3;
    const slope = (lossAfter(step) - lossAfter(-step)) / (2 * step);
    expect(relativeDifference(slope, square)).toBeLessThan(1e-2);
    session.close();
  });
});
