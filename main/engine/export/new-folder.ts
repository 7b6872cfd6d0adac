/**
 * A folder that appears whole or not at all: it is filled under another name beside its place and renamed
 * at the end. Leaving early removes it; what a kill left behind is removed by the next one with the same
 * name.
 */
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import { asWriteError, renamePatiently, syncFolder } from '../checkpoint/durable-file.ts';
import type { Steps } from '../checkpoint/steps.ts';

/** @throws disk-full, file-unwritable, whatever `write` throws */
export function* newFolderSteps<Result>(
  out: string,
  write: (folder: string) => Steps<Result>,
): Steps<Result> {
  const parent = dirname(out);
  const temporary = join(parent, `${temporaryPrefix(out)}${process.pid}`);
  let isInPlace = false;
  try {
    requireNewFolder(out);
    mkdirSync(parent, { recursive: true });
    removeLeftovers(out);
    mkdirSync(temporary);
    const result = yield* write(temporary);
    syncFolder(temporary);
    if (existsSync(out)) rmdirSync(out);
    renamePatiently(temporary, out);
    isInPlace = true;
    syncFolder(parent);
    return result;
  } catch (error) {
    throw asWriteError(out, error);
  } finally {
    if (!isInPlace) rmSync(temporary, { recursive: true, force: true });
  }
}

/** New or empty. @throws file-unwritable */
export function requireNewFolder(out: string): void {
  if (!existsSync(out)) return;
  if (statSync(out).isDirectory() && readdirSync(out).length === 0) return;
  throw new StudioError(
    'file-unwritable',
    `${out} is there already.`,
    'Choose a folder that does not exist yet or is empty; nothing is written over.',
  );
}

function temporaryPrefix(out: string): string {
  return `.tmp-${basename(out)}-`;
}

function removeLeftovers(out: string): void {
  const prefix = temporaryPrefix(out);
  for (const name of readdirSync(dirname(out))) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : Number.NaN;
    if (Number.isSafeInteger(pid) && pid > 0 && !isAlive(pid)) {
      rmSync(join(dirname(out), name), { recursive: true, force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
