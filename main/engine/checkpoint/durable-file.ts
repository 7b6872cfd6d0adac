/**
 * Writing a file so that it is either whole or absent, even after a crash or power loss: a temporary
 * neighbour is written, flushed to the disk (fsync) and renamed. A rename without the fsync may leave an
 * empty file behind after a power loss. When fsync fails nothing is retried, since the system may
 * already have dropped the data: the temporary file is removed and the caller told.
 */
import { createHash } from 'node:crypto';
import { closeSync, constants, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import { runSteps, type Steps } from './steps.ts';

const RENAME_WAITS_MS = [5, 10, 20, 40, 80];

export interface WrittenFile {
  bytes: number;
  /** Of the content, lower-case hexadecimal. */
  sha256: string;
}

/**
 * Replaces `path` by the chunks' bytes. The folder has to exist; its own entry is made durable by
 * `syncFolder`. Errors of the chunks themselves pass through after the temporary file is removed.
 * @throws disk-full, file-unwritable
 */
export function writeFileDurably(path: string, chunks: Iterable<Uint8Array>): WrittenFile {
  return runSteps(durableFileSteps(path, chunks));
}

/** The same chunk by chunk; left early, the temporary file is removed. */
export function* durableFileSteps(path: string, chunks: Iterable<Uint8Array>): Steps<WrittenFile> {
  const temporary = `${path}.tmp-${process.pid}`;
  let isInPlace = false;
  try {
    const written = yield* newFileSteps(temporary, chunks);
    renamePatiently(temporary, path);
    isInPlace = true;
    return written;
  } catch (error) {
    throw asWriteError(path, error);
  } finally {
    if (!isInPlace) rmSync(temporary, { force: true });
  }
}

/** Makes the names in a folder durable: creations and renames in it survive a power loss afterwards. */
export function syncFolder(folder: string): void {
  // Windows cannot flush a folder, and does not need to: NTFS journals its names.
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** A rename that outlasts the moment for which a virus scanner or indexer holds a file on Windows. */
export function renamePatiently(from: string, to: string): void {
  for (const wait of RENAME_WAITS_MS) {
    try {
      renameSync(from, to);
      return;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      const passing = process.platform === 'win32' && ['EPERM', 'EACCES', 'EBUSY'].includes(code);
      if (!passing) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, wait);
    }
  }
  renameSync(from, to);
}

/** An error of the file system as the one users see; anything else unchanged. */
export function asWriteError(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (error instanceof StudioError || typeof code !== 'string' || !/^E[A-Z0-9]+$/.test(code)) {
    return error;
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new StudioError(
      'disk-full',
      `There is no space left on the disk for ${path}.`,
      `Free some space on the disk of ${dirname(path)}, then try again. Earlier files are unharmed.`,
      { cause: error },
    );
  }
  const denied = ['EACCES', 'EPERM', 'EROFS'].includes(code);
  return new StudioError(
    'file-unwritable',
    `${path} cannot be written (${code}).`,
    denied
      ? `Give your user the right to write to ${dirname(path)}, or choose another folder.`
      : 'Check that the folder exists and that the disk works.',
    { cause: error },
  );
}

function* newFileSteps(path: string, chunks: Iterable<Uint8Array>): Steps<WrittenFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  const descriptor = openSync(path, 'w');
  try {
    for (const chunk of chunks) {
      for (let done = 0; done < chunk.length;) {
        done += writeSync(descriptor, chunk, done, chunk.length - done);
      }
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk.length;
    }
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return { bytes, sha256: hash.digest('hex') };
}
