/** Joint loss, its metrics and every gradient against PyTorch's (fixtures/mixed_*). */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  largestDifference,
  relativeDifference,
  relativeToLargest,
} from '../../fixtures/deviation.ts';
import {
  batchShape,
  everyToken,
  fixtureBatch,
  fixtureDocuments,
  packedBatch,
} from '../../fixtures/reference-batch.ts';
import { readFixtureJson, readFixtureTensors } from '../../fixtures/reference-files.ts';
import {
  accumulate, gradientNorm, openTraining, readGradients,
  type Training,
} from '../../fixtures/reference-training.ts'; // prettier-ignore

interface MixedLoss {
  lambdas: Record<string, { loss: number; strong_grad_norm: number }>;
  full_sequence: { lambda: number; loss: number; target_tokens: number };
  both: { lambda: number; loss: number; weak_grad_norm: number; strong_grad_norm: number; total_grad_norm: number }; // prettier-ignore
}

const reference = readFixtureTensors('mixed_loss.safetensors');
const expected = readFixtureJson<MixedLoss>('mixed_loss.json');
/** Room for every token of the batch as a target; chunks of 64 leave a smaller one at the end. */
const batch = fixtureBatch(reference, 'batch', 240);
const shape = batchShape(batch);
const frozenWeak = { name: 'base', trained: 'nothing' } as const;
const trainedWeak = { name: 'base', trained: 'all' } as const;

type Gradients = ReadonlyMap<string, Float32Array>;

function referenceGradients(file: string): Gradients {
  const tensors = readFixtureTensors(file);
  return new Map(tensors.names.map((name) => [name, tensors.f32(name)]));
}

function expectGradients(actual: Gradients, wanted: Gradients, tolerance: number): void {
  expect([...actual.keys()].sort()).toEqual([...wanted.keys()].sort());
  for (const [name, gradient] of wanted) {
    expect(relativeToLargest(actual.get(name)!, gradient), name).toBeLessThan(tolerance);
  }
}

/** Nothing but the order of f32 sums differs. */
function expectSameGradients(actual: Gradients, wanted: Gradients): void {
  for (const [name, gradient] of wanted) {
    expect(largestDifference(actual.get(name)!, gradient), name).toBeLessThan(1e-6);
  }
}

/** Loss and gradients of one batch from zero. */
function measure(training: Training, lambda: number) {
  training.atWindowStart = true;
  const result = accumulate(training, batch, { lambda });
  const gradients = training.trained.map((model) => readGradients(training.session, model));
  return { ...result, gradients };
}

/** At lambda 0.5, by the first program below. */
let inOneChunk: ReturnType<typeof measure>;

/** A fixture's (B, T-1) metric at the answer tokens. */
function tokenMetric(name: string): Float64Array {
  const values = reference.f32(name);
  return Float64Array.from({ length: batch.targets }, (_, i) => {
    const row = batch.targetRows[i]!;
    const sequence = Math.floor(row / batch.length);
    return values[row - sequence]!;
  });
}

describe('joint training with a frozen weak model', () => {
  const single = { rows: 1, length: batch.length, targets: 72 };
  let training: Training;
  beforeAll(async () => {
    training = await openTraining('strong', frozenWeak, { shapes: [shape, single] });
    inOneChunk = measure(training, 0.5);
    return () => training.session.close();
  });

  it.each(['0.5', '0.42', '1.0'])('lambda %s: loss and all gradients', (lambda) => {
    const { loss, gradients } = measure(training, Number(lambda));
    const { loss: wanted, strong_grad_norm: norm } = expected.lambdas[lambda]!;
    expect(Math.abs(loss - wanted)).toBeLessThan(1e-5);
    expectGradients(
      gradients[0]!,
      referenceGradients(`mixed_grads_strong_${lambda}.safetensors`),
      1e-4,
    );
    expect(relativeDifference(gradientNorm(training, ['strong']), norm)).toBeLessThan(1e-4);
  });

  it('lambda 0: the loss of the weak model, and no gradient at all', () => {
    const { loss, gradients } = measure(training, 0);
    expect(Math.abs(loss - expected.lambdas['0.0']!.loss)).toBeLessThan(1e-5);
    for (const [name, gradient] of gradients[0]!) {
      expect(
        gradient.every((value) => value === 0),
        name,
      ).toBe(true);
    }
  });

  it('measures every answer token', () => {
    const { columns } = measure(training, 0.42);
    const names: [string, string][] = [
      ['mixedLoss', 'mixed_0.42.token_loss'], ['mixedEntropy', 'mixed_0.42.entropy'],
      ['mixedMargin', 'mixed_0.42.margin'], ['strongLoss', 'mixed_1.0.token_loss'],
      ['strongEntropy', 'strong.entropy'], ['strongMargin', 'strong.margin'],
      ['weakLoss', 'mixed_0.0.token_loss'], ['weakEntropy', 'weak.entropy'],
      ['weakMargin', 'weak.margin'],
    ]; // prettier-ignore
    for (const [column, name] of names) {
      expect(largestDifference(columns[column]!, tokenMetric(name)), column).toBeLessThan(1e-4);
    }
    const mass = columns['mixedLoss']!.map((loss) => -Math.expm1(-loss));
    expect(largestDifference(mass, tokenMetric('mixed_0.42.nontarget_mass'))).toBeLessThan(1e-4);
    expect(columns['divergence']!.every((value) => value > 0)).toBe(true);
  });

  it('takes every token as a target where asked', () => {
    const { lambda, loss, target_tokens: targets } = expected.full_sequence;
    const rows = fixtureDocuments(reference, 'batch').map((document) => [everyToken(document)]);
    const all = packedBatch(rows, shape);
    expect(all.targets).toBe(targets);
    expect(Math.abs(accumulate(training, all, { lambda }).loss - loss)).toBeLessThan(1e-5);
  });

  it('adds up micro-batches to the same loss and gradients as one batch', () => {
    training.atWindowStart = true;
    const parts = fixtureDocuments(reference, 'batch').map((document) => {
      const part = packedBatch([[document]], single);
      return accumulate(training, part, { lambda: 0.5, share: 1 / batch.targets });
    });
    const loss = parts.reduce((sum, part) => sum + part.loss, 0);
    expect(Math.abs(loss - inOneChunk.loss)).toBeLessThan(1e-6);
    const gradients = readGradients(training.session, training.strong);
    expectSameGradients(gradients, inOneChunk.gradients[0]!);
  });
});

describe('joint training of both models, in chunks of 64 rows', () => {
  let training: Training;
  beforeAll(async () => {
    const choice = { shapes: [shape], chunkBytes: 1, recompute: 'cheap' } as const;
    training = await openTraining('strong', trainedWeak, choice);
    return () => training.session.close();
  });

  it('has the reference loss and gradients of both', () => {
    const { both } = expected;
    const { loss, gradients } = measure(training, both.lambda);
    expect(Math.abs(loss - both.loss)).toBeLessThan(1e-5);
    expectGradients(gradients[0]!, referenceGradients('mixed_grads_strong_0.5.safetensors'), 1e-4);
    expectGradients(gradients[1]!, referenceGradients('mixed_grads_weak_0.5.safetensors'), 1e-4);
    const norms = [['strong'], ['weak'], ['strong', 'weak']].map((p) => gradientNorm(training, p));
    const wanted = [both.strong_grad_norm, both.weak_grad_norm, both.total_grad_norm];
    expect(relativeToLargest(norms, wanted)).toBeLessThan(1e-4);
  });

  it('gives what one chunk, with all recomputed and the weak model frozen, gives', () => {
    const chunked = measure(training, 0.5);
    expect(Math.abs(chunked.loss - inOneChunk.loss)).toBeLessThan(1e-6);
    for (const [name, column] of Object.entries(inOneChunk.columns)) {
      expect(largestDifference(chunked.columns[name]!, column), name).toBeLessThan(1e-6);
    }
    expectSameGradients(chunked.gradients[0]!, inOneChunk.gradients[0]!);
  });
});

describe('SFT', () => {
  const packed = { rows: 2, length: 144, targets: 144 };
  let training: Training;
  beforeAll(async () => {
    training = await openTraining('strong', null, { shapes: [shape, packed] });
    return () => training.session.close();
  });
  const lambdaOne = referenceGradients('mixed_grads_strong_1.0.safetensors');

  it('is joint training at lambda 1', () => {
    const { loss, gradients } = measure(training, 1);
    expect(Math.abs(loss - expected.lambdas['1.0']!.loss)).toBeLessThan(1e-6);
    expectGradients(gradients[0]!, lambdaOne, 1e-4);
  });

  it('has the same loss and gradients with two documents in a row', () => {
    const documents = fixtureDocuments(reference, 'batch');
    const together = packedBatch([documents.slice(0, 2), documents.slice(2)], packed);
    training.atWindowStart = true;
    const { loss } = accumulate(training, together);
    expect(Math.abs(loss - expected.lambdas['1.0']!.loss)).toBeLessThan(1e-6);
    expectGradients(readGradients(training.session, training.strong), lambdaOne, 1e-4);
  });
});

describe('SFT of a model with its own head', () => {
  it('has the reference gradients of input and output matrix', async () => {
    const forward = readFixtureTensors('forward.safetensors');
    const { untied_gradients: wanted } = readFixtureJson<{
      untied_gradients: { loss: number; grad_norm: number; gradients: Record<string, { l2: number; points: number[] }> };
    }>('forward.json'); // prettier-ignore
    const unpadded = fixtureBatch(forward, 'unpadded', 48);
    const training = await openTraining('untied', null, { shapes: [batchShape(unpadded)] });
    const { loss } = accumulate(training, unpadded);
    expect(Math.abs(loss - wanted.loss)).toBeLessThan(1e-5);
    expect(relativeDifference(gradientNorm(training, ['strong']), wanted.grad_norm)).toBeLessThan(
      1e-4,
    );
    const gradients = readGradients(training.session, training.strong);
    for (const [name, { l2, points }] of Object.entries(wanted.gradients)) {
      const gradient = gradients.get(name)!;
      const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const at = points.map((_, i) => gradient[Math.floor((i * gradient.length) / points.length)]!);
      expect(largestDifference(at, points) / largest, name).toBeLessThan(1e-4);
      expect(relativeDifference(Math.hypot(...gradient), l2), name).toBeLessThan(1e-4);
    }
    training.session.close();
  });
});

describe('SFT in bf16', () => {
  it('stays near the f32 loss and gradient norm', async () => {
    const mode = { trained: 'all', weights: 'bf16', lora: null } as const;
    const choice = { strong: mode, compute: 'bf16', shapes: [shape] } as const;
    const training = await openTraining('strong', null, choice);
    const { loss } = accumulate(training, batch);
    const wanted = expected.lambdas['1.0']!;
    expect(relativeDifference(loss, wanted.loss)).toBeLessThan(3e-2);
    const norm = gradientNorm(training, ['strong']);
    expect(relativeDifference(norm, wanted.strong_grad_norm)).toBeLessThan(5e-2);
    training.session.close();
  });
});
