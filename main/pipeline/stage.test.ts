import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EventBody } from '../contract/events.ts';
import { canonicalJson, hashFile, hashJson } from './hash.ts';
import type { StageContext } from './stage.ts';
import { runStage } from './stage.ts';

let stagesFolder: string;
let events: EventBody[];
let runs: StageContext[];

beforeEach(() => {
  stagesFolder = mkdtempSync(join(tmpdir(), 'stages-'));
  events = [];
  runs = [];
});
afterEach(() => rmSync(stagesFolder, { recursive: true, force: true }));

/** A stage that leaves one file with the sum of its inputs. */
function sum(a: number, b: number, fail = false): Promise<{ total: number }> {
  return runStage({
    name: 'curriculum',
    title: 'Adding up',
    stagesFolder,
    inputs: { a, b },
    emit: (event) => events.push(event),
    async run(context) {
      runs.push(context);
      writeFileSync(join(context.folder, 'total.txt'), String(a + b));
      if (fail) throw new Error('the power went out');
      return { artifact: { total: a + b }, summary: `${a} + ${b}` };
    },
  });
}
const finishes = () => events.filter((event) => event.kind === 'stage-finished');
const folder = () => join(stagesFolder, 'curriculum');

describe('runStage', () => {
  test('runs once, then answers from its record', async () => {
    expect(await sum(1, 2)).toEqual({ total: 3 });
    expect(await sum(1, 2)).toEqual({ total: 3 });
    expect(runs).toHaveLength(1);
    expect(finishes().map((event) => [event.cached, event.summary])).toEqual([
      [false, '1 + 2'],
      [true, '1 + 2'],
    ]);
    const record = JSON.parse(readFileSync(join(folder(), 'stage.json'), 'utf8'));
    expect(record.outputs).toEqual({
      'total.txt': {
        bytes: 1,
        sha256: '4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce',
      },
    });
  });

  test('other inputs clear the folder and run anew', async () => {
    await sum(1, 2);
    writeFileSync(join(folder(), 'left-over.txt'), 'old');
    expect(await sum(2, 2)).toEqual({ total: 4 });
    expect(existsSync(join(folder(), 'left-over.txt'))).toBe(false);
    expect(runs.map((context) => context.resuming)).toEqual([false, false]);
  });

  test('an unfinished attempt goes on in its folder, but only with the same inputs', async () => {
    await expect(sum(1, 2, true)).rejects.toThrow('the power went out');
    expect(existsSync(join(folder(), 'stage.json'))).toBe(false);
    await sum(1, 2);
    await expect(sum(3, 3, true)).rejects.toThrow();
    await sum(4, 4);
    expect(runs.map((context) => context.resuming)).toEqual([false, true, false, false]);
  });

  test('changed, cut and missing outputs are noticed and made again', async () => {
    const file = join(await sum(1, 2).then(folder), 'total.txt');
    for (const damage of [
      () => writeFileSync(file, '9'),
      () => writeFileSync(file, ''),
      () => rmSync(file),
    ]) {
      damage();
      await sum(1, 2);
      expect(readFileSync(file, 'utf8')).toBe('3');
    }
    expect(runs).toHaveLength(4);
    expect(events.filter((event) => event.kind === 'warning')).toHaveLength(3);
  });

  test('a record that was cut short does not count', async () => {
    await sum(1, 2);
    writeFileSync(join(folder(), 'stage.json'), '{"inputHash": "');
    await sum(1, 2);
    expect(runs).toHaveLength(2);
  });
});

describe('hashes', () => {
  test('the order of keys and undefined fields do not matter, everything else does', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'ü' }], a: undefined })).toBe(
      '{"b":[1,{"c":"ü","d":null}]}',
    );
    expect(hashJson({ a: 1, b: 2 })).toBe(hashJson({ b: 2, a: 1 }));
    expect(hashJson({ a: 1 })).not.toBe(hashJson({ a: '1' }));
    expect(hashJson([1, 2])).not.toBe(hashJson([2, 1]));
    expect(() => hashJson({ loss: Number.NaN })).toThrow('NaN');
  });

  test('a missing file is named', async () => {
    const path = join(stagesFolder, 'nothing.bin');
    await expect(hashFile(path)).rejects.toMatchObject({
      code: 'file-missing',
      message: `There is no file ${path}.`,
    });
  });
});
