/** Each token's loss, entropy, margin and hit, and the entropy of samples, as the reference has them. */
import { beforeAll, describe, expect, it } from 'vitest';
import { largestDifference } from '../../fixtures/deviation.ts';
import { everyToken, fixtureDocuments, packedBatch } from '../../fixtures/reference-batch.ts';
import { readFixtureJson, readFixtureTensors } from '../../fixtures/reference-files.ts';
import {
  compiledIslands,
  frozenModel,
  loadModel,
  modelConfig,
} from '../../fixtures/reference-model.ts';
import { openSession, type Session } from '../graph/session.ts';
import { measureColumns } from '../loss/measure.ts';
import type { ModelVariables } from '../model/variables.ts';
import { chunks, shapeName } from './batch-shape.ts';
import { measureFeeds } from './feeds.ts';
import { buildMeasureProgram } from './measure-program.ts';

const shape = { rows: 16, length: 80, targets: 16 * 80 };

let session: Session;
let model: ModelVariables;
beforeAll(async () => {
  const built = buildMeasureProgram({
    config: modelConfig('strong'),
    mode: frozenModel,
    compute: 'f32',
    placement: compiledIslands,
    measureShapes: [shape],
    logitsShapes: [],
  });
  model = built.model;
  session = await openSession(built.program);
  return () => session.close();
});

/** Metrics of the distribution at every position of each token list: rows of `measureColumns`. */
function measure(lists: readonly (readonly number[])[]): number[][][] {
  const rows = lists.map((ids) => [everyToken({ ids, labels: [] })]);
  const batch = packedBatch(rows, shape);
  // The last token of a list predicts as well, though there is no label for it.
  const targetRows = Int32Array.from({ length: shape.targets }, (_, i) => i);
  const labels = targetRows.map((i) => batch.ids[i + 1] ?? 0);
  const feeds = measureFeeds({ ...batch, targetRows, labels });
  const metrics = session.call(`measure:${shapeName(shape)}`, feeds)['metrics']!;
  return lists.map((ids, row) =>
    ids.map((_, t) => {
      const begin = (row * shape.length + t) * measureColumns.length;
      return [...metrics.subarray(begin, begin + measureColumns.length)];
    }),
  );
}

function column(rows: number[][], name: (typeof measureColumns)[number]): number[] {
  return rows.map((row) => row[measureColumns.indexOf(name)]!);
}

describe('metrics of tokens', () => {
  const forward = readFixtureTensors('forward.safetensors');

  it('are those of the reference logits', () => {
    loadModel(session, model, 'strong');
    const documents = fixtureDocuments(forward, 'padded');
    const measured = measure(documents.map(({ ids }) => Array.from(ids)));
    const [, length, vocabulary] = forward.shape('strong.padded.logits') as [
      number,
      number,
      number,
    ];
    const logits = forward.f32('strong.padded.logits');
    let hits = 0;
    documents.forEach(({ ids, labels }, row) => {
      const [losses, margins, correct] = (['loss', 'margin', 'correct'] as const).map((name) =>
        column(measured[row]!, name),
      );
      for (let t = 0; t + 1 < ids.length; t++) {
        const begin = (row * length + t) * vocabulary;
        const z = logits.subarray(begin, begin + vocabulary);
        const label = ids[t + 1]!;
        const others = z.reduce((sum, value) => sum + value, 0) - z[label]!;
        expect(Math.abs(margins![t]! - (z[label]! - others / (vocabulary - 1)))).toBeLessThan(1e-4);
        expect(correct![t]).toBe(z.indexOf(Math.max(...z)) === label ? 1 : 0);
        hits += correct![t]!;
        if (labels[t + 1] !== -100) {
          const wanted = forward.f32('strong.padded.token_loss')[row * (length - 1) + t]!;
          expect(Math.abs(losses![t]! - wanted)).toBeLessThan(1e-4);
        }
      }
    });
    expect(hits).toBeGreaterThan(50);
  });
});

describe('the entropy of samples', () => {
  type Entropies = Record<
    'reference_unshifted' | 'reference_span_shifted' | 'completion_shifted',
    number
  >;
  interface Sample extends Record<'base' | 'strong', Entropies> {
    ids: number[];
    reference_start: number;
    completion_start: number;
  }
  const { samples } = readFixtureJson<{ samples: Sample[] }>('entropy.json');
  const mean = (numbers: number[]): number =>
    numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

  it.each(['base', 'strong'] as const)('is the reference one in each alignment, %s', (name) => {
    loadModel(session, model, name);
    const entropies: number[][] = [];
    for (let begin = 0; begin < samples.length; begin += shape.rows) {
      const part = measure(samples.slice(begin, begin + shape.rows).map(({ ids }) => ids));
      entropies.push(...part.map((rows) => column(rows, 'entropy')));
    }
    const compare = (alignment: keyof Entropies, span: (sample: Sample) => [number, number?]) => {
      const actual = samples.map((sample, i) => mean(entropies[i]!.slice(...span(sample))));
      const expected = samples.map((sample) => sample[name][alignment]);
      expect(largestDifference(actual, expected), alignment).toBeLessThan(1e-5);
    };
    compare('completion_shifted', (sample) => [sample.completion_start - 1, -1]);
    compare('reference_span_shifted', (sample) => [sample.reference_start - 1, -1]);
    compare('reference_unshifted', (sample) => [sample.reference_start]);
  });
});

describe('chunks of answer rows', () => {
  it('cover all rows once, and take at most the given bytes but at least 64 rows', () => {
    expect(chunks(150, 520, 1)).toEqual([
      { begin: 0, end: 64 },
      { begin: 64, end: 128 },
      { begin: 128, end: 150 },
    ]);
    expect(chunks(64, 520, 1)).toEqual([{ begin: 0, end: 64 }]);
    const vocabulary = 151_936;
    const list = chunks(2048, vocabulary);
    expect(list.at(-1)!.end).toBe(2048);
    for (const { begin, end } of list) {
      expect((end - begin) * vocabulary * 4).toBeLessThanOrEqual(128 * 1024 * 1024);
      expect((end - begin) % 64).toBe(0);
    }
  });
});
