/** Work in steps: run to the end, stopped on the way, and a file that is never half there. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { durableFileSteps, writeFileDurably } from './durable-file.ts';
import { runSteps, runStepsPatiently } from './steps.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'wds-steps-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

it('gives the result and says how far it is', async () => {
  const path = join(folder, 'a');
  const seen: number[] = [];
  const written = await runStepsPatiently(durableFileSteps(path, [bytes('one'), bytes('three')]), {
    onBytes: (count) => seen.push(count),
  });
  expect(seen).toEqual([3, 5]);
  expect(readFileSync(path, 'utf8')).toBe('onethree');
  expect(written).toEqual(writeFileDurably(join(folder, 'b'), [bytes('onethree')]));
});

it('leaves the old file and nothing else when it is stopped in the middle', async () => {
  const path = join(folder, 'a');
  writeFileDurably(path, [bytes('old')]);
  const stop = new AbortController();
  let closed = false;
  function* chunks() {
    try {
      for (;;) yield bytes('new');
    } finally {
      closed = true;
    }
  }
  const work = runStepsPatiently(durableFileSteps(path, chunks()), {
    signal: stop.signal,
    onBytes: () => stop.abort(),
  });
  await expect(work).rejects.toMatchObject({ code: 'stopped' });
  expect(closed).toBe(true);
  expect(readdirSync(folder)).toEqual(['a']);
  expect(readFileSync(path, 'utf8')).toBe('old');
});

it('lets other work of the process go on', async () => {
  let otherWorkDone = false;
  setImmediate(() => (otherWorkDone = true));
  // Would never end if nothing else had a turn.
  function* busy() {
    while (!otherWorkDone) yield 1;
    return 'done';
  }
  await expect(runStepsPatiently(busy())).resolves.toBe('done');
});

it('passes on what the work throws', () => {
  function* failing(): Generator<number, void> {
    yield 1;
    throw new Error('no');
  }
  expect(() => runSteps(failing())).toThrow('no');
});
