import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EventBody, RunEvent, StageName } from '../contract/events.ts';
import { openEventLog } from './event-log.ts';
import { readEvents, readLastEvents } from './event-reader.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'events-'));
  path = join(folder, 'events.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const step = (number: number, stage: StageName = 'sft'): EventBody => ({
  kind: 'step',
  stage,
  step: number,
  steps: 10,
  loss: 1 / number,
  gradientNorm: 1,
  learningRate: 1e-5,
  answerTokens: 7,
  tokens: 20,
  seconds: 0.5,
  tokensPerSecond: 40,
});
const checkpoint = (number: number): EventBody => ({
  kind: 'checkpoint',
  stage: 'sft',
  step: number,
  path: `checkpoints/step-${number}`,
  bytes: 1,
  seconds: 0.1,
});
const warning: EventBody = { kind: 'warning', code: 'late', message: 'Zeile – „ü“' };

async function all(fromSeq = 0): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of readEvents(path, { fromSeq })) events.push(event);
  return events;
}
const steps = (events: RunEvent[]) =>
  events.flatMap((event) => (event.kind === 'step' ? [event.step] : []));

describe('writing', () => {
  test('numbers events without gaps, over several openings', async () => {
    for (let opening = 0; opening < 3; opening++) {
      const log = openEventLog(path, 'run-1');
      expect(log.append(step(2 * opening + 1)).seq).toBe(2 * opening);
      expect(log.append(step(2 * opening + 2))).toMatchObject({ runId: 'run-1', kind: 'step' });
      log.close();
    }
    const events = await all();
    expect(events.map((event) => event.seq)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(steps(events)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await all(4)).toEqual(events.slice(4));
    expect(readLastEvents(path)).toEqual(events);
  });

  test('every prefix of the file, as a crash may leave it, opens and goes on', async () => {
    const log = openEventLog(path, 'r');
    for (const event of [step(1), warning, step(2)]) log.append(event);
    log.close();
    const whole = readFileSync(path);
    for (let length = 0; length <= whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      const lines = whole.subarray(0, length).filter((byte) => byte === 10).length;
      const again = openEventLog(path, 'r');
      expect(again.lastSeq).toBe(lines - 1);
      again.append(checkpoint(9));
      again.close();
      expect((await all()).map((event) => event.seq)).toEqual([...Array(lines + 1).keys()]);
    }
  });

  test('blocks of zeros and lines that are no events at the end are cut off', async () => {
    const log = openEventLog(path, 'r');
    log.append(step(1));
    log.close();
    const { size } = statSync(path);
    appendFileSync(path, `${'\0'.repeat(300_000)}\n"text"\n{"seq":`);
    const again = openEventLog(path, 'r');
    expect(again.lastSeq).toBe(0);
    expect(statSync(path).size).toBe(size);
    again.close();
  });

  test('a line longer than the first window is found whole', () => {
    const log = openEventLog(path, 'r');
    log.append(step(1));
    log.append({ ...warning, kind: 'warning', code: 'long', message: 'x'.repeat(500_000) });
    log.close();
    appendFileSync(path, '{"seq":2,"ti');
    const again = openEventLog(path, 'r');
    expect(again.lastSeq).toBe(1);
    again.close();
  });

  test('a killed writer loses no event that it had reported', async () => {
    const source = `
      import { openEventLog } from ${JSON.stringify(join(import.meta.dirname, 'event-log.ts'))};
      const log = openEventLog(${JSON.stringify(path)}, 'r');
      for (let step = 1; ; step++) {
        log.append({ kind: 'step', stage: 'sft', step });
        if (step % 500 === 0) process.stdout.write(step + '\\n');
      }`;
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', source],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let reported = 0;
    for await (const chunk of child.stdout) {
      reported = Math.max(reported, ...String(chunk).trim().split('\n').map(Number));
      if (reported >= 1000) break;
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    const log = openEventLog(path, 'r');
    expect(log.lastSeq + 1).toBeGreaterThanOrEqual(reported);
    log.close();
    const found = steps(await all());
    expect(found).toEqual(Array.from(found, (_, index) => index + 1));
  });
});

describe('truncateAfter', () => {
  test('takes out later steps of that stage only and renumbers the rest', async () => {
    const log = openEventLog(path, 'r');
    const bodies = [step(1), step(2), checkpoint(2), step(3), warning, step(4), step(1, 'joint')];
    for (const body of bodies) log.append(body);
    expect(log.truncateAfter('sft', 2)).toBe(2);
    expect(log.lastSeq).toBe(4);
    log.append(step(3));
    log.close();
    const events = await all();
    expect(events.map((event) => event.seq)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(events.map((event) => event.kind)).toEqual([
      'step',
      'step',
      'checkpoint',
      'warning',
      'step',
      'step',
    ]);
    expect(steps(events)).toEqual([1, 2, 1, 3]);
  });

  test('leaves the file alone when nothing lies past the step', () => {
    const log = openEventLog(path, 'r');
    log.append(step(1));
    const before = statSync(path).ino;
    expect(log.truncateAfter('sft', 1)).toBe(0);
    expect(statSync(path).ino).toBe(before);
    log.close();
  });
});

describe('reading', () => {
  test('a file that is not there has no events', async () => {
    expect(await all()).toEqual([]);
  });

  test('a torn last line is not there yet; a damaged line in the middle is named', async () => {
    const log = openEventLog(path, 'r');
    log.append(step(1));
    log.close();
    appendFileSync(path, '{"seq":1,"kind":"st');
    expect(steps(await all())).toEqual([1]);
    appendFileSync(path, '\n');
    await expect(all()).rejects.toMatchObject({
      code: 'run-invalid',
      message: `Line 2 of ${path} is no event.`,
    });
  });

  test('characters are not torn where chunks of the file meet', async () => {
    const log = openEventLog(path, 'r');
    const message = 'ü€😀'.repeat(20_000);
    for (let count = 0; count < 5; count++) log.append({ kind: 'warning', code: 'w', message });
    log.close();
    const events = await all();
    expect(events.map((event) => event.kind === 'warning' && event.message === message)).toEqual(
      Array(5).fill(true),
    );
  });
});
