/** Curves from logs whose lines cross pieces, are longer than one, are torn, or repeat steps after a crash. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readStageCurves } from './stage-curves.ts';

const folder = mkdtempSync(join(tmpdir(), 'wds-stage-curves-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const steps = 6000;

function stepLine(step: number, loss: number, stage = 'joint'): string {
  const note = 'é'.repeat(step % 301);
  return JSON.stringify({ seq: step, note, kind: 'step', stage, step, steps, loss });
}

async function lossOf(lines: readonly string[], last?: number) {
  const file = join(folder, 'events.jsonl');
  writeFileSync(file, lines.join('\n'));
  const read = await readStageCurves(file, 'joint', last);
  return read?.curves.find(({ metric }) => metric === 'loss');
}

test('every step counts once, wherever the pieces of the file end', async () => {
  const lines = Array.from({ length: steps }, (_, index) => [
    stepLine(index + 1, index + 1),
    stepLine(index + 1, -1, 'sft'),
  ]).flat();
  // A single line of more than two pieces, of another kind.
  lines.splice(5000, 0, JSON.stringify({ kind: 'log', text: 'x'.repeat(2_500_000) }));
  const loss = await lossOf([...lines, '']);
  const size = steps / 400;
  const groups = Array.from({ length: 400 }, (_, group) => group * size);
  expect(loss?.low).toEqual(groups.map((first) => first + 1));
  expect(loss?.high).toEqual(groups.map((first) => first + size));
  expect(loss?.mean).toEqual(groups.map((first) => first + (size + 1) / 2));
});

test('torn lines are passed over, repeated steps replace the first ones, later ones are left out', async () => {
  const lines = [1, 2, 3].map((step) => stepLine(step, 1));
  lines.push(stepLine(4, 1).slice(0, -9), stepLine(2, 7), stepLine(3, 8), stepLine(4, 9));
  expect((await lossOf([...lines, '', stepLine(5, 5).slice(0, 40)]))?.mean).toEqual([1, 7, 8, 9]);
  expect((await lossOf([...lines, ''], 3))?.mean).toEqual([1, 7, 8]);
});

test('no step of the stage is no curve', async () => {
  expect(await lossOf([stepLine(1, 1, 'sft'), ''])).toBeUndefined();
});
