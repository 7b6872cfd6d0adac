/**
 * NEFTune and UNDIAL: the reference's noise magnitudes, losses and gradients (fixtures/neftune.json,
 * undial.json), then whole training entries, and stages that were interrupted.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import {
  largestDifference,
  relativeDifference,
  relativeToLargest,
} from '../../fixtures/deviation.ts';
import { batchShape, fixtureBatch } from '../../fixtures/reference-batch.ts';
import { readFixtureJson, readFixtureTensors } from '../../fixtures/reference-files.ts';
import { readFloats } from '../../fixtures/reference-model.ts';
import { fixtureModel, referenceControl, referenceStage } from '../../fixtures/reference-stage.ts';
import { accumulate, gradientNorm, openTraining, readGradients, type Training } from '../../fixtures/reference-training.ts'; // prettier-ignore
import { island } from '../graph/island.ts';
import { Program } from '../graph/program.ts';
import { openSession } from '../graph/session.ts';
import { undialPass } from '../loss/undial.ts';
import { addEmbeddingNoise, noiseMagnitude, noiseMagnitudes } from '../model/embedding-noise.ts';
import { trainedParameters } from '../model/variables.ts';
import type { Objective } from './objective.ts';
import { trainStage } from './train-stage.ts';

interface UndialCase {
  strength: number;
  student_logits: number[][];
  teacher_logits: number[][];
  labels: number[];
  token_loss: number[];
  loss: number;
  student_gradient: number[][];
}

const noise = readFixtureJson<{
  cases: { alpha: number; tokens: number; hidden: number; magnitude: number }[];
}>('neftune.json').cases;
const undial = readFixtureJson<{ cases: UndialCase[] }>('undial.json').cases;
const reference = readFixtureTensors('mixed_loss.safetensors');
const batch = fixtureBatch(reference, 'batch', 240);
const shapes = [batchShape(batch)];

describe('NEFTune', () => {
  it.each(noise)(
    'alpha $alpha, $tokens tokens of $hidden',
    ({ alpha, tokens, hidden, magnitude }) => {
      expect(Math.abs(noiseMagnitude(alpha, tokens, hidden) - magnitude)).toBeLessThan(1e-15);
      // A document of its own in a row; then the same among others and padding.
      const alone = { documents: new Int32Array(tokens).fill(1), length: tokens };
      expect(noiseMagnitudes(alone, alpha, hidden)[0]).toBe(Math.fround(magnitude));
      const row = [...alone.documents, 2, 2, 0];
      const packed = { documents: Int32Array.of(...row, ...row), length: row.length };
      const found = noiseMagnitudes(packed, alpha, hidden);
      expect(found[tokens - 1]).toBe(Math.fround(magnitude));
      expect(found[row.length]).toBe(Math.fround(magnitude));
      expect(found[tokens]).toBe(Math.fround(noiseMagnitude(alpha, 2, hidden)));
      expect(found[row.length - 1]).toBe(0);
    },
  );

  it('adds uniform noise of the magnitude of each position', async () => {
    const program = new Program({ islands: 'xla', functions: 'plain' });
    const states = program.placeholder('f32', [3, 4000]);
    const key = program.placeholder('i32', [2]);
    const magnitudes = program.placeholder('f32', [3]);
    const noisy = addEmbeddingNoise(states, { key, magnitudes });
    program.entry('noise', { states, key, magnitudes }, { noisy });
    const session = await openSession(program);
    const draw = (seed: number): number[] => [
      ...session.call('noise', {
        states: new Float32Array(12_000).fill(1),
        key: Int32Array.of(seed, 31),
        magnitudes: Float32Array.of(0.5, 0, 0.01),
      })['noisy']!,
    ];
    const values = draw(1).map((value) => value - 1);
    const [wide, none, narrow] = [0, 1, 2].map((r) => values.slice(4000 * r, 4000 * (r + 1)));
    expect(Math.max(...wide!.map(Math.abs))).toBeLessThanOrEqual(0.5);
    expect(Math.max(...wide!)).toBeGreaterThan(0.49);
    expect(Math.min(...wide!)).toBeLessThan(-0.49);
    const mean = wide!.reduce((sum, x) => sum + x, 0) / 4000;
    const square = wide!.reduce((sum, x) => sum + x * x, 0) / 4000;
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(relativeDifference(square, 0.25 / 3)).toBeLessThan(0.05);
    expect(none!.every((x) => x === 0)).toBe(true);
    expect(Math.max(...narrow!.map(Math.abs))).toBeLessThanOrEqual(0.010001);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(2)).not.toEqual(draw(1));
    session.close();
  });

  it('is SFT without noise, and differentiates the noisy pass', async () => {
    const plain = await openTraining('strong', null, { shapes });
    const sft = accumulate(plain, batch);
    const wanted = readGradients(plain.session, plain.strong);
    plain.session.close();
    const training = await openTraining('strong', null, { shapes, objective: 'neftune' });
    const { hiddenSize } = training.strong.config;
    const run = (alpha: number) => {
      training.atWindowStart = true;
      const noiseMagnitude = noiseMagnitudes(batch, alpha, hiddenSize);
      const more = { noiseKey: Int32Array.of(3, 4), noiseMagnitudes: noiseMagnitude };
      return accumulate(training, batch, { more });
    };
    expect(run(0).loss).toBe(sft.loss);
    for (const [name, gradient] of readGradients(training.session, training.strong)) {
      expect(largestDifference(gradient, wanted.get(name)!), name).toBeLessThan(1e-7);
    }
    const { loss } = run(40);
    expect(Math.abs(loss - sft.loss)).toBeGreaterThan(1e-4);
    expectSlope(training, loss, () => run(40).loss);
    training.session.close();
  });
});

describe('UNDIAL', () => {
  it.each(undial)('strength $strength: loss and gradient of the logits', async (known) => {
    const [count, vocabulary] = [known.labels.length, known.student_logits[0]!.length];
    const program = new Program({ islands: 'xla', functions: 'plain' });
    const logits = { student: [count, vocabulary], teacher: [count, vocabulary] } as const;
    const inputs = {
      labels: program.placeholder('i32', [count]),
      weights: program.placeholder('f32', [count]),
      strength: program.placeholder('f32', []),
      student: program.placeholder('f32', logits.student),
      teacher: program.placeholder('f32', logits.teacher),
    };
    const [metrics, gradient] = island('undial', Object.values(inputs), ([y, w, s, a, b]) =>
      undialPass(y!, w!, s!, a!, b!, 'f32'),
    );
    program.entry('undial', inputs, { metrics: metrics!, gradient: gradient! });
    const session = await openSession(program);
    const isTarget = known.labels.map((label) => label !== -100);
    const targets = isTarget.filter(Boolean).length;
    const found = session.call('undial', {
      labels: Int32Array.from(known.labels, (label) => Math.max(0, label)),
      weights: Float32Array.from(isTarget, (is) => (is ? 1 / targets : 0)),
      strength: known.strength,
      student: Float32Array.from(known.student_logits.flat()),
      teacher: Float32Array.from(known.teacher_logits.flat()),
    });
    const losses = known.labels.map((_, row) => found['metrics']![4 * row]!);
    const mean = losses.reduce((sum, loss, row) => sum + (isTarget[row] ? loss : 0), 0) / targets;
    expect(Math.abs(mean - known.loss)).toBeLessThan(1e-5);
    known.token_loss.forEach((loss, row) => {
      if (isTarget[row]) expect(Math.abs(losses[row]! - loss)).toBeLessThan(2e-5);
    });
    expect(relativeToLargest(found['gradient']!, known.student_gradient.flat())).toBeLessThan(1e-5);
    session.close();
  });

  it('has no gradient from itself at strength 0, and that of its loss otherwise', async () => {
    const teacher = { name: 'strong', trained: 'nothing' } as const;
    // Chunks of 64 rows: the loss is cut as every other one.
    const choice = { shapes, objective: 'undial', chunkBytes: 1 } as const;
    const training = await openTraining('strong', teacher, choice);
    const run = (lambda: number) => {
      training.atWindowStart = true;
      return accumulate(training, batch, { lambda });
    };
    const none = run(0);
    // The loss is then the entropy of the model's own predictions.
    const entropy = none.columns['strongEntropy']!.reduce((sum, h) => sum + h, 0) / batch.targets;
    expect(Math.abs(none.loss - entropy)).toBeLessThan(1e-5);
    expect(gradientNorm(training, ['strong'])).toBeLessThan(1e-5);
    const { loss } = run(10);
    expectSlope(training, loss, () => run(10).loss);
    training.session.close();
  });
});

/** A step along the gradient changes the loss by step * |g|^2, as central differences see it. */
function expectSlope(training: Training, loss: number, lossNow: () => number): void {
  const { session, strong } = training;
  const square = gradientNorm(training, ['strong']) ** 2;
  const gradients = readGradients(session, strong);
  const parameters = trainedParameters(strong);
  const start = new Map(parameters.map((p) => [p.name, readFloats(session, p.variable.name)]));
  const lossAfter = (step: number): number => {
    session.load(
      parameters.map(({ name, variable }) => {
        const moved = start.get(name)!.map((x, i) => x + step * gradients.get(name)![i]!);
        return { variable: variable.name, pieces: [new Uint8Array(moved.buffer)] };
      }),
    );
    return lossNow();
  };
  const step = 2e-3 / Math.sqrt(square);
  const slope = (lossAfter(step) - lossAfter(-step)) / (2 * step);
  expect(relativeDifference(slope, square)).toBeLessThan(2e-2);
  expect(lossAfter(0)).toBe(loss);
}

describe('a stage that was stopped', () => {
  const root = mkdtempSync(join(tmpdir(), 'wds-baselines-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const strong = fixtureModel('strong');

  /** The bytes of weights and moments after four steps; `stopAt`: a checkpoint, then another process. */
  async function train(name: string, objective: Objective, stopAt: number | null): Promise<string> {
    const folder = join(root, name);
    let seen = 0;
    const once = (stop: boolean) =>
      trainStage(
        referenceStage(folder, {
          stage: objective.kind === 'undial' ? 'undial' : 'neftune',
          objective,
          weak: objective.kind === 'undial' ? { source: strong, frozen: true } : null,
          emit: (event) => {
            if (event.kind === 'step') seen = event.step;
          },
          control: { ...referenceControl, stopRequested: () => stop && seen === stopAt },
        }),
      );
    if (stopAt !== null) await expect(once(true)).rejects.toThrow('Stopped after step');
    await once(false);
    const hash = createHash('sha256');
    for (const file of ['model.safetensors', 'optimizer.safetensors']) {
      hash.update(readFileSync(join(folder, 'step-4', file)));
    }
    return hash.digest('hex');
  }

  test.each([
    { kind: 'neftune', alpha: 5 },
    { kind: 'undial', strength: 10 },
  ] as const)('goes on bit for bit: $kind', async (objective) => {
    const straight = await train(`${objective.kind}-straight`, objective, null);
    expect(await train(`${objective.kind}-stopped`, objective, 2)).toBe(straight);
  });
});
