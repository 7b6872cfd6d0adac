/**
 * One owner per run. The lock is the file `owner.lock` with the identity of its process, made with
 * link(2), which fails when the name is taken. A lock whose process is gone (kill -9, power cut) is
 * replaced, by exactly one of any number of contenders:
 *
 *   to dispose of a dead lock with nonce N, a contender must first own `owner.lock.N`, itself made
 *   with link; if *that* one's process is dead, the right to dispose of it is `owner.lock.N'`, and
 *   so on. Then it reads `owner.lock` again: still N? Then it renames its own lock over it.
 *
 * Nonces are never used twice and a disposer gives its right back only after the rename, so a
 * contender that was suspended at any point finds a changed `owner.lock` and starts over.
 */
import { randomBytes } from 'node:crypto';
import {
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { StudioError } from '../contract/errors.ts';
import { asWriteError } from '../engine/checkpoint/durable-file.ts';
import type { Liveness, ProcessIdentity } from './process-identity.ts';
import { identifyProcess, livenessOf } from './process-identity.ts';

export interface LockOwner extends ProcessIdentity {
  nonce: string;
  /** Milliseconds since 1970. */
  since: number;
}

export interface RunLock {
  readonly owner: LockOwner;
  /** The run's last owner died without releasing the lock. */
  readonly recovered: boolean;
  release(): void;
}

const lockName = 'owner.lock';
/** What file systems without hard links (FAT, some network shares) answer. */
const withoutLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** @throws StudioError('run-locked') when another process, or this one, works on the run. */
export function acquireRunLock(runFolder: string): RunLock {
  const lockPath = join(runFolder, lockName);
  const owner: LockOwner = {
    ...identifyProcess(),
    nonce: randomBytes(8).toString('hex'),
    since: Date.now(),
  };
  for (let attempt = 1; ; attempt++) {
    if (createLock(lockPath, owner)) return lock(false);
    const holder = readLock(lockPath);
    if (holder === null) continue;
    if (livenessOf(holder) !== 'dead') throw lockedError(runFolder, holder);
    if (replaceDeadLock(lockPath, holder, owner)) return lock(true);
    // Another contender is between two system calls; only a suspended one takes this long.
    if (attempt === 400) throw lockedError(runFolder, holder);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  }

  function lock(recovered: boolean): RunLock {
    removeLitter(runFolder);
    return { owner, recovered, release: () => releaseLock(lockPath, owner) };
  }
}

/** Null: nobody works on the run; `dead`: somebody did and was killed. */
export function inspectRunLock(runFolder: string): { owner: LockOwner; liveness: Liveness } | null {
  const owner = readLock(join(runFolder, lockName));
  return owner === null ? null : { owner, liveness: livenessOf(owner) };
}

/** True when this call made the file. */
function createLock(path: string, owner: LockOwner): boolean {
  const temporary = `${path}.${owner.nonce}.new`;
  try {
    writeFileSync(temporary, JSON.stringify(owner));
    try {
      linkSync(temporary, path);
    } catch (error) {
      if (!withoutLinks.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      writeFileSync(path, JSON.stringify(owner), { flag: 'wx' });
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw asWriteError(path, error);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Null when there is none. Locks appear whole (link), so an unreadable one was damaged later. */
function readLock(path: string): LockOwner | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const owner = JSON.parse(text) as LockOwner;
    if (typeof owner.pid === 'number' && /^[0-9a-f]+$/.test(owner.nonce)) return owner;
  } catch {
    // Falls through to the one answer for all kinds of damage.
  }
  throw new StudioError(
    'run-locked',
    `The lock ${path} is damaged, so it cannot be told whether another process uses the run.`,
    'Make sure that nothing works on this run, then delete that file.',
  );
}

function replaceDeadLock(lockPath: string, dead: LockOwner, owner: LockOwner): boolean {
  const rights: string[] = [];
  let right = rightTo(dead);
  while (!createLock(right, owner)) {
    const disposer = readLock(right);
    // Either another one has just finished, or it is at it: the lock decides in the next round.
    if (disposer === null) return false;
    if (livenessOf(disposer) !== 'dead') return false;
    rights.push(right);
    right = rightTo(disposer);
  }
  rights.push(right);
  const unchanged = readLock(lockPath)?.nonce === dead.nonce;
  if (unchanged) {
    const temporary = `${lockPath}.${owner.nonce}.new`;
    writeFileSync(temporary, JSON.stringify(owner));
    renameSync(temporary, lockPath);
    for (const path of rights) rmSync(path, { force: true });
  } else {
    rmSync(right, { force: true });
  }
  return unchanged;

  function rightTo(holder: LockOwner): string {
    return `${lockPath}.${holder.nonce}`;
  }
}

function releaseLock(lockPath: string, owner: LockOwner): void {
  if (readLock(lockPath)?.nonce === owner.nonce) rmSync(lockPath, { force: true });
}

/**
 * Files of contenders that died. Called by the owner only: all rights left belong to locks before
 * its own, so whoever still holds one will find a changed lock and give up.
 */
function removeLitter(runFolder: string): void {
  for (const name of readdirSync(runFolder)) {
    if (!name.startsWith(`${lockName}.`)) continue;
    const path = join(runFolder, name);
    try {
      const owner = readLock(path);
      if (owner !== null && livenessOf(owner) === 'dead') rmSync(path, { force: true });
    } catch {
      // Half written: by a contender that lives, or by one that was killed over a minute ago.
      const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
      if (Date.now() - written > 60_000) rmSync(path, { force: true });
    }
  }
}

function lockedError(runFolder: string, holder: LockOwner): StudioError {
  const run = basename(runFolder);
  if (livenessOf(holder) === 'unknown') {
    return new StudioError(
      'run-locked',
      `The run ${run} is in use by process ${holder.pid} on ${holder.host}.`,
      `Stop it there; if that process is gone, delete ${join(runFolder, lockName)}.`,
    );
  }
  const who = holder.pid === process.pid ? 'this process' : `process ${holder.pid}`;
  return new StudioError(
    'run-locked',
    `The run ${run} is already in work by ${who} (since ${new Date(holder.since).toISOString()}).`,
    `Wait for it, or end it with: wds stop ${run}`,
  );
}
