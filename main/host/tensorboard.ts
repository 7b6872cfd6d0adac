/**
 * TensorBoard event files beside `events.jsonl`: `tensorboard/<stage>/events.out.tfevents...`, one
 * TensorBoard run per stage, one scalar per numeric field of a step event and of an evaluation.
 * They only repeat the event log, so after a crash or a rewind they are made anew from it.
 *
 * File format: TFRecord = length (uint64 LE), masked CRC-32C of the length, data, masked CRC-32C of
 * the data, mask = rotate right by 15 + 0xa282ead8; data = the protocol buffer `tensorflow.Event`.
 */
import { existsSync, mkdirSync, openSync, closeSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import protobuf from 'protobufjs/light.js';
import type { RunEvent, StageName } from '../contract/events.ts';
import { asWriteError } from '../engine/checkpoint/durable-file.ts';
import { writeFully } from '../pipeline/atomic-file.ts';
import { linesOf } from './event-reader.ts';

export interface TensorBoardWriter {
  write(event: RunEvent): void;
  /** Makes all files anew from the log. */
  rebuild(): void;
  /** Gives the room on the disk back; the next opening makes the files again. */
  discard(): void;
  close(): void;
}

/** The fields of tensorflow/core/util/event.proto and summary.proto that scalars need. */
export const eventType = protobuf.Root.fromJSON({
  nested: {
    Event: {
      fields: {
        wallTime: { type: 'double', id: 1 },
        step: { type: 'int64', id: 2 },
        fileVersion: { type: 'string', id: 3 },
        summary: { type: 'Summary', id: 5 },
      },
    },
    Summary: { fields: { value: { rule: 'repeated', type: 'Value', id: 1 } } },
    Value: {
      fields: { tag: { type: 'string', id: 1 }, simpleValue: { type: 'float', id: 2 } },
    },
  },
}).lookupType('Event');

/** Fields of a step event that count or name something instead of measuring it. */
const notMeasured = new Set(['seq', 'time', 'step', 'steps']);

/** Starts the files anew with what the log says so far; then every event is to be written. */
export function openTensorBoard(folder: string, eventsPath: string): TensorBoardWriter {
  const descriptors = new Map<StageName, number>();
  rebuild();
  return { write, rebuild, discard, close };

  function write(event: RunEvent): void {
    const measured = measure(event);
    if (measured === null) return;
    const { stage, step, values } = measured;
    const value = values.map(([tag, simpleValue]) => ({ tag, simpleValue }));
    append(stage, event.time, { wallTime: event.time / 1000, step, summary: { value } });
  }

  function discard(): void {
    close();
    rmSync(folder, { recursive: true, force: true });
  }

  function rebuild(): void {
    discard();
    for (const line of linesOf(eventsPath)) write(JSON.parse(line) as RunEvent);
  }

  function close(): void {
    for (const descriptor of descriptors.values()) closeSync(descriptor);
    descriptors.clear();
  }

  function append(stage: StageName, time: number, event: Record<string, unknown>): void {
    try {
      const descriptor = descriptors.get(stage) ?? open(stage, time);
      writeFully(descriptor, frameRecord(eventType.encode(event).finish()));
    } catch (error) {
      throw asWriteError(folder, error);
    }
  }

  function open(stage: StageName, time: number): number {
    const stageFolder = join(folder, stage);
    if (!existsSync(stageFolder)) mkdirSync(stageFolder, { recursive: true });
    const seconds = Math.floor(time / 1000);
    const name = `events.out.tfevents.${String(seconds).padStart(10, '0')}.${hostname()}`;
    const descriptor = openSync(join(stageFolder, name), 'w');
    descriptors.set(stage, descriptor);
    const version = { wallTime: time / 1000, fileVersion: 'brain.Event:2' };
    writeFully(descriptor, frameRecord(eventType.encode(version).finish()));
    return descriptor;
  }
}

interface Measured {
  stage: StageName;
  step: number;
  values: [tag: string, value: number][];
}

function measure(event: RunEvent): Measured | null {
  if (event.kind === 'step') {
    return { stage: event.stage, step: event.step, values: numbersOf(event, '') };
  }
  if (event.kind === 'evaluation') {
    const values = numbersOf(event.result, `evaluation/${event.result.model}/`);
    return { stage: event.stage, step: 0, values };
  }
  return null;
}

function numbersOf(fields: object, prefix: string): [string, number][] {
  return Object.entries(fields).flatMap(([name, value]) =>
    typeof value === 'number' && !notMeasured.has(name) ? [[`${prefix}${name}`, value]] : [],
  );
}

export function frameRecord(data: Uint8Array): Buffer {
  const record = Buffer.alloc(8 + 4 + data.length + 4);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
  record.set(data, 12);
  record.writeUInt32LE(maskedCrc32c(data), 12 + data.length);
  return record;
}

export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** CRC-32C (Castagnoli), reflected polynomial 0x82f63b78. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});
