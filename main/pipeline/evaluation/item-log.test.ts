import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EvaluationLine } from '../../contract/evaluation.ts';
import { openItemLog } from './item-log.ts';
import { remainingTime } from './remaining-time.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'items-'));
  path = join(folder, 'items.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

function line(item: number, sample: number, text = 'ß\u2028'): EvaluationLine {
  const judged = { answer: '1', verdict: 'correct' } as const;
  const times = { started: 1, time: 2 };
  const shared = { id: item, question: 'q', expected: '1', promptTokens: 3 };
  return { item, sample, ...shared, text, ids: [1], finishReason: 'stop', ...judged, ...times };
}

function write(...lines: EvaluationLine[]): void {
  const log = openItemLog(path);
  lines.forEach((each) => log.append(each));
  log.close();
}

test('what was written is there again; a later line replaces an earlier one', () => {
  write(line(0, 0), line(0, 1));
  write(line(0, 1, 'again'), line(1, 0));
  const log = openItemLog(path);
  expect([...log.lines.values()]).toEqual([line(0, 0), line(0, 1, 'again'), line(1, 0)]);
  log.close();
});

test('half a line at the end, in the middle of a character, is cut off', () => {
  write(line(0, 0));
  const whole = readFileSync(path);
  const half = Buffer.from(JSON.stringify(line(0, 1)));
  appendFileSync(path, half.subarray(0, half.indexOf(0xc3) + 1));
  write(line(0, 2));
  expect(readFileSync(path)).toEqual(
    Buffer.concat([whole, Buffer.from(`${JSON.stringify(line(0, 2))}\n`)]),
  );
});

test.each(['not JSON', '{}', '[]', 'null'])('a damaged line is refused: %s', (text) => {
  writeFileSync(path, `${JSON.stringify(line(0, 0))}\n${text}\n${JSON.stringify(line(0, 1))}\n`);
  expect(() => openItemLog(path)).toThrow('is damaged after 1 generations');
});

test('the time to go is unknown at first, then the mean of what was done', () => {
  const time = remainingTime();
  expect(time.secondsToGo(50, 100, 5000)).toBeUndefined();
  time.begin(1000);
  time.begin(3000);
  expect(time.secondsToGo(7, 20, 8000)).toBeUndefined();
  expect(time.secondsToGo(10, 20, 11_000)).toBe(10);
  expect(time.secondsToGo(9, 200, 10_000)).toBeUndefined();
  expect(time.secondsToGo(3, 3, 10_000)).toBe(0);
});
