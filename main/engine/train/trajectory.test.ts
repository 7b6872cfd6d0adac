/** Twenty updates in each mode, with and without weight decay, against PyTorch's AdamW (fixtures/trajectories.json). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { largestDifference, relativeDifference } from '../../fixtures/deviation.ts';
import { packedBatch, type Document } from '../../fixtures/reference-batch.ts';
import { readFixtureJson } from '../../fixtures/reference-files.ts';
import { adapterModel, peftName, readFloats } from '../../fixtures/reference-model.ts';
import {
  accumulate, gradientNorm, loadTraining, openTraining, referenceOptimizer, type Training, type WeakChoice,
} from '../../fixtures/reference-training.ts'; // prettier-ignore
import { trainedParameters } from '../model/variables.ts';
import { clippingFactor, updateScalarsAt } from '../optim/adamw.ts';
import { learningRateAt } from '../optim/schedule.ts';

interface Summary {
  l2: number;
  points: number[];
  moved: number;
}

interface Trajectories {
  setup: { steps: number; lr: number; warmup: number; max_grad_norm: number; lambda: number };
  samples: { ids: number[]; completion_mask: number[] }[];
  order: number[][][];
  runs: Record<
    string,
    {
      log: { loss: number; grad_norm: number; lr: number; items: number }[];
      final: Record<string, Summary>;
    }
  >;
}

const { setup, samples, order, runs } = readFixtureJson<Trajectories>('trajectories.json');
/** Two samples of at most 72 tokens, one a row. */
const shape = { rows: 2, length: 72, targets: 96 };
const schedule = { kind: 'linear', warmupSteps: setup.warmup } as const;

const documents = samples.map(({ ids, completion_mask: mask }): Document => ({
  ids,
  labels: ids.map((id, t) => (mask[t] === 1 ? id : -100)),
}));

/** One run; what is logged for each update. */
function train(training: Training, weightDecay: number, lambda: number) {
  const { session, trained } = training;
  const optimizer = { ...referenceOptimizer, weightDecay };
  const prefixes = trained.map((model) => model.prefix);
  return order.map((window, update) => {
    const batches = window.map((micro) =>
      packedBatch(
        micro.map((i) => [documents[i]!]),
        shape,
      ),
    );
    const items = batches.reduce((sum, batch) => sum + batch.targets, 0);
    let loss = 0;
    for (const batch of batches)
      loss += accumulate(training, batch, { share: 1 / items, lambda }).loss;
    const norm = gradientNorm(training, prefixes);
    const rate = learningRateAt(update, setup.steps, setup.lr, schedule);
    const clip = clippingFactor(norm, setup.max_grad_norm);
    session.call('apply', { ...updateScalarsAt(update + 1, rate, clip, optimizer) });
    training.atWindowStart = true;
    return { loss, norm, rate, items };
  });
}

/** Trained parameters under the fixture's names. */
function readParameters({ session, trained }: Training): Map<string, Float32Array> {
  return new Map(
    trained.flatMap((model) =>
      trainedParameters(model).map(({ name, variable }) => {
        const own = model.mode.lora ? peftName(name) : name;
        return [`${model.prefix}.${own}`, readFloats(session, variable.name)] as const;
      }),
    ),
  );
}

const frozenWeak: WeakChoice = { name: 'base', trained: 'nothing' };
const modes = {
  sft: { strong: 'base', weak: null, choice: {} },
  joint_frozen: { strong: 'strong', weak: frozenWeak, choice: {} },
  joint_both: { strong: 'strong', weak: { name: 'base', trained: 'all' }, choice: {} },
  lora_joint_frozen: { strong: 'strong', weak: frozenWeak, choice: { strong: adapterModel } },
} as const;

describe.each(Object.entries(modes))('%s', (mode, { strong, weak, choice }) => {
  let training: Training;
  beforeAll(async () => {
    training = await openTraining(strong, weak, { ...choice, shapes: [shape] });
  });
  afterAll(() => training.session.close());

  it.each([0, 0.1])('with weight decay %s takes the reference steps', (weightDecay) => {
    loadTraining(training, strong, weak);
    const before = readParameters(training);
    const log = train(training, weightDecay, weak ? setup.lambda : 1);
    const { log: expected, final } = runs[`${mode}_wd${weightDecay.toFixed(1)}`]!;
    expect(log).toHaveLength(20);
    log.forEach(({ loss, norm, rate, items }, update) => {
      const wanted = expected[update]!;
      expect(items).toBe(wanted.items);
      expect(Math.abs(rate - wanted.lr)).toBeLessThan(1e-12);
      expect(relativeDifference(loss, wanted.loss), `loss, ${update}`).toBeLessThan(1e-4);
      expect(relativeDifference(norm, wanted.grad_norm), `norm, ${update}`).toBeLessThan(5e-4);
    });
    const after = readParameters(training);
    expect([...after.keys()].sort()).toEqual(Object.keys(final).sort());
    for (const [name, { l2, points, moved }] of Object.entries(final)) {
      const content = after.get(name)!;
      const at = points.map((_, i) => content[Math.floor((i * content.length) / points.length)]!);
      expect(largestDifference(at, points), name).toBeLessThan(2e-5);
      expect(relativeDifference(Math.hypot(...content), l2), name).toBeLessThan(1e-5);
      const change = Math.hypot(...content.map((x, i) => x - before.get(name)![i]!));
      expect(relativeDifference(change, moved), name).toBeLessThan(1e-3);
    }
  });
});
