import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createGenerator } from '../curriculum/numpy-random.ts';
import { planWindows, readOrderFile } from './windows.ts';

const indices = Int32Array.from({ length: 10 }, (_, index) => index);
const options = { indices, seed: 42, examplesPerWindow: 4, shuffle: true };

describe('windows', () => {
  it('hold every example once an epoch, the last window what is left', () => {
    const windows = planWindows({ ...options, epochs: 2 });
    expect([windows.steps, windows.stepsPerEpoch]).toEqual([6, 3]);
    const epochs = [0, 3].map((first) => [0, 1, 2].map((step) => windows.at(first + step)));
    for (const epoch of epochs) {
      expect(epoch.map((window) => window.length)).toEqual([4, 4, 2]);
      expect(epoch.flat().sort((a, b) => a - b)).toEqual([...indices]);
    }
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect(epochs[0]!.flat()).toEqual([...createGenerator(42).permutation(10)]);
  });

  it('depend on seed and step alone, in whatever order they are asked for', () => {
    const forwards = planWindows({ ...options, steps: 9 });
    const expected = Array.from({ length: 9 }, (_, step) => forwards.at(step));
    const resumed = planWindows({ ...options, steps: 9 });
    for (const step of [8, 0, 5, 5, 2, 7]) expect(resumed.at(step)).toEqual(expected[step]);
    expect(planWindows({ ...options, seed: 43, steps: 9 }).at(0)).not.toEqual(expected[0]);
  });

  it("follow a curriculum's sample, repeated rows included", () => {
    const sample = [3, 3, 7, 3, 1];
    const inOrder = planWindows({
      indices: sample,
      seed: 1,
      examplesPerWindow: 2,
      shuffle: false,
      epochs: 1,
    });
    expect([0, 1, 2].map((step) => inOrder.at(step))).toEqual([[3, 3], [7, 3], [1]]);
    const shuffled = planWindows({ ...options, indices: sample, epochs: 1 });
    expect([...shuffled.at(0), ...shuffled.at(1)].sort()).toEqual([...sample].sort());
  });

  it('last as long as asked for', () => {
    const steps = (length: { epochs?: number; steps?: number }) =>
      planWindows({ ...options, ...length }).steps;
    expect([steps({ epochs: 1 }), steps({ epochs: 0.5 }), steps({ epochs: 0.01 })]).toEqual([
      3, 2, 1,
    ]);
    expect([steps({ epochs: 3 }), steps({ steps: 7 })]).toEqual([9, 7]);
    expect(() => planWindows({ ...options, steps: 7 }).at(7)).toThrow(RangeError);
    expect(() => planWindows({ ...options, indices: [] })).toThrow(/no examples/);
  });
});

describe('an order file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'order-'));
  const path = join(folder, 'order.json');
  const examples = [0, 1, 3].map((row) => ({ row }));
  const read = (content: unknown) => {
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return readOrderFile(path, examples);
  };

  it('gives the steps, with rows as indices of examples', () => {
    const windows = read([[[0, 3], [1]], [[3]]]);
    expect([windows.steps, windows.at(0), windows.at(1)]).toEqual([2, [0, 2, 1], [2]]);
    expect(() => windows.at(2)).toThrow(RangeError);
  });

  it('is refused with the place of the mistake', () => {
    expect(() => read([[[0]], [[2]]])).toThrow(/step 1 names row 2, which is not there/);
    expect(() => read([[[0]], []])).toThrow(/step 1 is not a list of row lists/);
    expect(() => read([[['0']]])).toThrow(/names row "0"/);
    expect(() => read({})).toThrow(/not a list/);
    expect(() => read('[[')).toThrow(/not JSON/);
    rmSync(folder, { recursive: true });
    expect(() => readOrderFile(path, examples)).toThrow(/does not exist/);
  });
});
