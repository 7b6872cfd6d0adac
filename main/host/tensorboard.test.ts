import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EventBody } from '../contract/events.ts';
import { openEventLog } from './event-log.ts';
import { crc32c, eventType, maskedCrc32c, openTensorBoard } from './tensorboard.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tensorboard-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const step = (number: number): EventBody => ({
  kind: 'step',
  stage: 'joint',
  step: number,
  steps: 3,
  loss: 0.5 * number,
  weakLoss: 2,
  gradientNorm: 1,
  learningRate: 1e-5,
  answerTokens: 7,
  tokens: 20,
  seconds: 0.5,
  tokensPerSecond: 40,
});

test('CRC-32C gives the published values (RFC 3720, B.4)', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index))).toBe(0x46dd794e);
});

test('steps of the log and later ones are framed records with right sums', () => {
  const path = join(folder, 'events.jsonl');
  const log = openEventLog(path, 'r');
  log.append({ kind: 'stage-started', stage: 'joint', title: 'Joint training' });
  log.append(step(1));
  log.append(step(2));
  // What a killed process left is replaced, not continued.
  for (let opening = 0; opening < 2; opening++) {
    openTensorBoard(join(folder, 'tensorboard'), path).close();
  }
  const writer = openTensorBoard(join(folder, 'tensorboard'), path);
  writer.write(log.append(step(3)));
  writer.write(
    log.append({
      kind: 'evaluation',
      stage: 'evaluate',
      result: { model: 'base', items: 10, loss: 1.5 },
    }),
  );
  writer.close();
  log.close();

  const [version, ...events] = readRecords('joint');
  expect(version).toMatchObject({ fileVersion: 'brain.Event:2' });
  expect(events.map((event) => event.step)).toEqual([1, 2, 3]);
  expect(scalars(events[2])).toEqual({
    loss: 1.5,
    weakLoss: 2,
    gradientNorm: 1,
    learningRate: Math.fround(1e-5),
    answerTokens: 7,
    tokens: 20,
    seconds: 0.5,
    tokensPerSecond: 40,
  });
  expect(scalars(readRecords('evaluate')[1])).toEqual({
    'evaluation/base/items': 10,
    'evaluation/base/loss': 1.5,
  });
});

interface DecodedEvent {
  fileVersion?: string;
  step?: number;
  summary?: { value: { tag: string; simpleValue: number }[] };
}

/** Reads the one event file of a stage, and fails on a wrong length or checksum. */
function readRecords(stage: string): DecodedEvent[] {
  const stageFolder = join(folder, 'tensorboard', stage);
  const [name, ...others] = readdirSync(stageFolder);
  expect(others).toEqual([]);
  expect(name).toMatch(/^events\.out\.tfevents\.\d{10}\./);
  const bytes = readFileSync(join(stageFolder, name!));
  const events: DecodedEvent[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(bytes.readUInt32LE(at + 8)).toBe(maskedCrc32c(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskedCrc32c(data));
    events.push(eventType.toObject(eventType.decode(data), { longs: Number }) as DecodedEvent);
    at += 12 + length + 4;
  }
  return events;
}

function scalars(event: DecodedEvent | undefined): Record<string, number> {
  return Object.fromEntries(
    (event?.summary?.value ?? []).map(({ tag, simpleValue }) => [tag, simpleValue]),
  );
}
