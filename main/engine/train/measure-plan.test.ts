/** Passes over whole sets: everything once, few positions and shapes, the same numbers as rows of their own. */
import { describe, expect, it } from 'vitest';
import {
  compiledIslands,
  frozenModel,
  loadModel,
  modelConfig,
} from '../../fixtures/reference-model.ts';
import { lengthMix, longestExample } from '../bench/length-mix.ts';
import type { Batch } from '../data/batch.ts';
import type { Example } from '../data/example.ts';
import { openSession } from '../graph/session.ts';
import { measureColumns } from '../loss/measure.ts';
import { shapeOf } from './batch-plan.ts';
import { shapeName } from './batch-shape.ts';
import { measureFeeds } from './feeds.ts';
import { planMeasuring } from './measure-plan.ts';
import { buildMeasureProgram } from './measure-program.ts';

const packed = { micro: 8, accumulation: 1, maxLength: longestExample, packing: true };
const vocabulary = modelConfig('strong').vocabularySize;

/** The documents of a batch as text, to be found again among the examples. */
function documentsOf(batch: Batch): string[] {
  const documents = new Map<string, number[]>();
  for (let at = 0; at < batch.ids.length; at++) {
    const document = batch.documents[at]!;
    if (document === 0) continue;
    const name = `${Math.floor(at / batch.length)}:${document}`;
    const ids = documents.get(name) ?? [];
    expect(batch.positions[at]).toBe(ids.length);
    documents.set(name, [...ids, batch.ids[at]!]);
  }
  return [...documents.values()].map((ids) => ids.join());
}

function answerTokens({ ids, completionMask }: Example): number {
  return ids.filter((_, t) => t > 0 && completionMask[t] === 1).length;
}

describe('a pass over a set', () => {
  for (const [count, micro] of [
    [1, 1],
    [128, 8],
    [500, 1],
  ] as const) {
    it(`has each of ${count} examples once, ${micro} rows of full length to a batch`, () => {
      const examples = lengthMix(count, vocabulary, 3);
      const plan = planMeasuring(examples, { ...packed, micro }, 'predicting');
      const batches = [...plan.batches()];
      const shapes = new Set(plan.shapes.map(shapeName));
      for (const batch of batches) {
        expect(shapes).toContain(shapeName(shapeOf(batch)));
        expect(batch.rows * batch.length).toBeLessThanOrEqual(micro * longestExample);
        expect(batch.targets).toBeLessThanOrEqual(batch.labels.length);
      }
      const found = batches.flatMap(documentsOf);
      expect(found.sort()).toEqual(examples.map(({ ids }) => ids.join()).sort());
      const counted = examples.map(() => 0);
      for (const { targets, targetExamples } of batches) {
        for (const example of targetExamples.subarray(0, targets)) counted[example]!++;
      }
      expect(counted).toEqual(examples.map(answerTokens));
    });
  }

  it('pads little, in few shapes, with short rows for most', () => {
    const examples = lengthMix(2000, vocabulary, 4);
    const plan = planMeasuring(examples, packed, 'predicting');
    const batches = [...plan.batches()];
    const total = (of: (batch: Batch) => number): number =>
      batches.reduce((sum, batch) => sum + of(batch), 0);
    expect(total(({ tokens }) => tokens)).toBeGreaterThan(
      0.94 * total(({ rows, length }) => rows * length),
    );
    expect(total(({ targets }) => targets)).toBeGreaterThan(
      0.8 * total(({ labels }) => labels.length),
    );
    expect(plan.shapes.length).toBeLessThanOrEqual(4);
    const inShortRows = batches.filter(({ length }) => length <= 512);
    expect(inShortRows.length).toBeGreaterThan(0.9 * batches.length);
  });

  it('has rows as training has them where those are short, and rows of their own if so set', () => {
    const short = lengthMix(100, vocabulary, 5).filter(({ ids }) => ids.length < 120);
    const [row] = planMeasuring(short, { ...packed, maxLength: 128 }, 'predicting').shapes;
    expect(row!.length).toBe(128);
    const examples = lengthMix(20, vocabulary, 6);
    const own = planMeasuring(examples, { ...packed, packing: false }, 'predicting');
    for (const batch of own.batches()) {
      expect(Math.max(...batch.documents)).toBe(1);
    }
  });

  it('gives the entropies that examples have in rows of their own', async () => {
    const examples = lengthMix(8, vocabulary, 7);
    const plans = [true, false].map((packing) =>
      planMeasuring(examples, { ...packed, packing, micro: 2 }, 'predicting'),
    );
    const { program, model } = buildMeasureProgram({
      config: modelConfig('strong'),
      mode: frozenModel,
      compute: 'f32',
      placement: compiledIslands,
      measureShapes: plans.flatMap(({ shapes }) => shapes),
      logitsShapes: [],
    });
    const session = await openSession(program);
    try {
      loadModel(session, model, 'strong');
      const [together, alone] = plans.map((plan) => {
        const sums = examples.map(() => 0);
        for (const batch of plan.batches()) {
          const { metrics } = session.call(
            `measure:${shapeName(shapeOf(batch))}`,
            measureFeeds(batch),
          );
          for (let row = 0; row < batch.targets; row++) {
            const at = row * measureColumns.length + measureColumns.indexOf('entropy');
            sums[batch.targetExamples[row]!]! += metrics![at]!;
          }
        }
        return sums;
      });
      together!.forEach((sum, index) => {
        expect(Math.abs(sum / alone![index]! - 1)).toBeLessThan(1e-5);
      });
    } finally {
      session.close();
    }
  });
});
