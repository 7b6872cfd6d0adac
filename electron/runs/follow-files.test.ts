/** A log that another process writes, as its windows get to see it. */
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { followFiles } from './follow-files.ts';

let folder: string;
let seen: (number | 'rewound')[];
const line = (seq: number) => `${JSON.stringify({ seq, kind: 'memory', runId: 'r' })}\n`;
const log = () => join(folder, 'events.jsonl');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'follow-'));
  seen = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const follower = (isOwn = () => false) =>
  followFiles({
    onEvents: (_run, events) => seen.push(...events.map(({ seq }) => seq)),
    onRewound: () => seen.push('rewound'),
    isOwn,
  });

test('what is appended comes once, half a line when it is whole', () => {
  writeFileSync(log(), line(0));
  const files = follower();
  files.watch('r', folder);
  files.poll();
  appendFileSync(log(), line(1) + line(2).slice(0, 9));
  files.poll();
  files.poll();
  appendFileSync(log(), line(2).slice(9));
  files.poll();
  expect(seen).toEqual([0, 1, 2]);
});

test('of a long log only the end, from a whole line on', () => {
  const many = Array.from({ length: 5000 }, (_, seq) => line(seq));
  writeFileSync(log(), many.join(''));
  const files = follower();
  files.watch('r', folder);
  appendFileSync(log(), line(5000));
  files.poll();
  expect(seen.at(-1)).toBe(5000);
  expect(seen.length).toBeLessThan(3000);
  expect(seen).toEqual(seen.map((_, index) => 5001 - seen.length + index));
});

test('a log that was rewritten is told as such, and followed on', () => {
  writeFileSync(log(), line(0) + line(1));
  const files = follower();
  files.watch('r', folder);
  files.poll();
  writeFileSync(`${log()}.tmp`, line(0));
  renameSync(`${log()}.tmp`, log());
  files.poll();
  appendFileSync(log(), line(1));
  files.poll();
  expect(seen).toEqual([0, 1, 'rewound', 1]);
});

test('a log that is not there yet', () => {
  const files = follower();
  files.watch('r', folder);
  files.poll();
  writeFileSync(log(), line(0));
  files.poll();
  expect(seen).toEqual([0]);
});

test('of a run of our own engine only what comes after it has ended', () => {
  writeFileSync(log(), line(0));
  let own = true;
  const files = follower(() => own);
  files.watch('r', folder);
  appendFileSync(log(), line(1));
  files.poll();
  own = false;
  appendFileSync(log(), line(2));
  files.poll();
  expect(seen).toEqual([2]);
});
