/**
 * Files that are either the old one or the new one, whole, whenever the process or the machine
 * dies: temp file in the same folder, fsync, rename, fsync of the folder. Failures of the disk
 * become StudioErrors that name the path.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { StudioError } from '../contract/errors.ts';

export interface AtomicWriteOptions {
  /** False: survives a kill, but not a power cut; for files that can be made again. */
  durable?: boolean;
}

export function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  { durable = true }: AtomicWriteOptions = {},
): void {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    const descriptor = openSync(temporary, 'wx');
    try {
      writeFully(descriptor, content);
      if (durable) fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
    if (durable) syncFolder(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw describeWriteError(error, path);
  }
}

export function writeJsonAtomic(path: string, value: unknown, options?: AtomicWriteOptions): void {
  writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`, options);
}

/** write(2) may write less than asked for; this goes on until all is written. */
export function writeFully(descriptor: number, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  let done = 0;
  while (done < bytes.length) done += writeSync(descriptor, bytes, done, bytes.length - done);
}

/** Makes a rename in this folder survive a power cut; Windows cannot open folders and needs not. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The user's words for what the system said about a write; other errors come back unchanged. */
export function describeWriteError(error: unknown, path: string): unknown {
  switch ((error as NodeJS.ErrnoException | null)?.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new StudioError(
        'disk-full',
        `No space left on the disk to write ${path}.`,
        'Free some space and try again; what was saved before is kept.',
        { cause: error },
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new StudioError(
        'file-unwritable',
        `No permission to write ${path}.`,
        'Choose another folder, or change the permissions of this one.',
        { cause: error },
      );
    case 'ENOENT':
    case 'ENOTDIR':
      return new StudioError(
        'file-unwritable',
        `The folder of ${path} does not exist.`,
        'Make the folder, or choose another one.',
        { cause: error },
      );
    default:
      return error;
  }
}
