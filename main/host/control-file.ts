/**
 * How another process asks a run's owner for something: it puts `control.json` into the run's
 * folder (rename: whole or not there), and the owner looks for it between two steps and takes it
 * away. This works while TensorFlow blocks the owner's thread, when no signal comes through.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { StudioError } from '../contract/errors.ts';
import { writeJsonAtomic } from '../pipeline/atomic-file.ts';
import { inspectRunLock } from './run-lock.ts';

export const wishes = ['stop', 'pause', 'cancel', 'checkpoint'] as const;
export type Wish = (typeof wishes)[number];

const fileName = 'control.json';

/** @throws StudioError('run-invalid') when nobody works on the run. */
export function requestFromOwner(runFolder: string, wish: Wish): void {
  const lock = inspectRunLock(runFolder);
  if (lock === null || lock.liveness === 'dead') {
    const run = basename(runFolder);
    throw new StudioError(
      'run-invalid',
      `The run ${run} is not in work.`,
      `wds runs shows what is; wds resume ${run} goes on with it.`,
    );
  }
  const path = join(runFolder, fileName);
  const isRepeated = existsSync(path);
  writeJsonAtomic(path, { wish, owner: lock.owner.nonce }, { durable: false });
  // Ends waits inside the owner; it treats the signal as the same wish. Windows would kill it, and
  // the pid of another container would hit a stranger.
  const canSignal = process.platform !== 'win32' && lock.liveness === 'alive';
  if (wish === 'stop' && !isRepeated && canSignal) {
    try {
      process.kill(lock.owner.pid, 'SIGTERM');
    } catch {
      // Gone in the meantime, or another user's: then the file has to do.
    }
  }
}

/**
 * Takes the wish away, so that it is granted once; null when there is none, or when it was meant for
 * an earlier owner (`nonce` is that of the owner's lock).
 */
export function takeWish(runFolder: string, nonce: string): Wish | null {
  const path = join(runFolder, fileName);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return null;
  }
  rmSync(path, { force: true });
  try {
    const { wish, owner } = JSON.parse(text) as { wish: Wish; owner: string };
    return owner === nonce && wishes.includes(wish) ? wish : null;
  } catch {
    return null;
  }
}
