import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StudioError } from '../contract/errors.ts';
import { identifyProcess, livenessOf } from './process-identity.ts';
import { acquireRunLock, inspectRunLock } from './run-lock.ts';

let folder: string;
let children: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/**
 * A process that tries to take the lock when it reads a line, says how that went, and on the next
 * line lets go of it.
 */
function startContender(): { child: ChildProcess; say(): void; hear(): Promise<string> } {
  const source = `
    import { acquireRunLock } from ${JSON.stringify(join(import.meta.dirname, 'run-lock.ts'))};
    import { createInterface } from 'node:readline';
    console.log('ready');
    let lock;
    for await (const line of createInterface({ input: process.stdin })) {
      if (lock) { lock.release(); lock = undefined; console.log('released'); continue; }
      try {
        lock = acquireRunLock(${JSON.stringify(folder)});
        console.log(lock.recovered ? 'recovered' : 'acquired');
      } catch (error) { console.log(error.code); }
    }`;
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', source],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  children.push(child);
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return {
    child,
    say: () => void child.stdin!.write('\n'),
    hear: async () => String((await lines.next()).value),
  };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('a second owner is refused with who and what to do, a later one is not', () => {
  const lock = acquireRunLock(folder);
  expect(lock.recovered).toBe(false);
  const failure = failureOf(() => acquireRunLock(folder));
  expect(failure.code).toBe('run-locked');
  expect(failure.message).toContain('already in work by this process');
  expect(failure.hint).toContain('wds stop lock-');
  lock.release();
  expect(inspectRunLock(folder)).toBeNull();
  acquireRunLock(folder).release();
  expect(readdirSync(folder)).toEqual([]);
});

test('another process is refused while the owner lives, and recovers the lock once it is killed', async () => {
  const first = startContender();
  const second = startContender();
  expect([await first.hear(), await second.hear()]).toEqual(['ready', 'ready']);
  first.say();
  expect(await first.hear()).toBe('acquired');
  second.say();
  expect(await second.hear()).toBe('run-locked');
  expect(inspectRunLock(folder)).toMatchObject({
    liveness: 'alive',
    owner: { pid: first.child.pid },
  });

  await kill(first.child);
  expect(inspectRunLock(folder)).toMatchObject({ liveness: 'dead' });
  second.say();
  expect(await second.hear()).toBe('recovered');
  second.say();
  expect(await second.hear()).toBe('released');
  expect(readdirSync(folder)).toEqual([]);
});

test('of many contenders for a dead lock exactly one gets it, round after round', async () => {
  const contenders = Array.from({ length: 6 }, startContender);
  for (const contender of contenders) expect(await contender.hear()).toBe('ready');
  for (let round = 0; round < 25; round++) {
    writeFileSync(join(folder, 'owner.lock'), JSON.stringify(deadOwner(round)));
    // Every third round, one more process died while it disposed of that lock.
    if (round % 3 === 0) {
      const right = join(folder, `owner.lock.${deadOwner(round).nonce}`);
      writeFileSync(right, JSON.stringify(deadOwner(1000 + round)));
    }
    for (const contender of contenders) contender.say();
    const answers = await Promise.all(contenders.map((contender) => contender.hear()));
    expect([...answers].sort()).toEqual([
      'recovered',
      ...Array.from({ length: 5 }, () => 'run-locked'),
    ]);
    const winner = contenders[answers.indexOf('recovered')]!;
    const owner = JSON.parse(readFileSync(join(folder, 'owner.lock'), 'utf8'));
    expect(owner.pid).toBe(winner.child.pid);
    winner.say();
    expect(await winner.hear()).toBe('released');
  }
  acquireRunLock(folder).release();
  expect(readdirSync(folder)).toEqual([]);
});

test('a pid that belongs to another process by now does not hold the lock', () => {
  const here = identifyProcess();
  expect(livenessOf(here)).toBe('alive');
  expect(livenessOf({ ...here, pid: process.ppid, startTime: '1' })).toBe('dead');
  expect(livenessOf({ ...here, bootId: 'an earlier boot' })).toBe('dead');
  expect(livenessOf({ ...here, bootId: 'another', host: 'another-machine' })).toBe('unknown');
  expect(livenessOf({ ...here, pidNamespace: 'pid:[1]' })).toBe('unknown');
});

test('a lock of another machine and a damaged lock are left alone', () => {
  const path = join(folder, 'owner.lock');
  writeFileSync(path, JSON.stringify({ ...deadOwner(1), bootId: 'other', host: 'node-7' }));
  expect(failureOf(() => acquireRunLock(folder)).message).toContain('process 4194303 on node-7');
  writeFileSync(path, '{"pid":');
  expect(failureOf(() => acquireRunLock(folder)).hint).toContain('delete that file');
});

function deadOwner(number: number) {
  const nonce = number.toString(16).padStart(16, '0');
  return { ...identifyProcess(), pid: 4194303, startTime: '1', nonce, since: 0 };
}

function failureOf(action: () => unknown): StudioError {
  try {
    action();
  } catch (error) {
    if (error instanceof StudioError) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}
