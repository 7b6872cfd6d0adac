/**
 * Small text files that are either the old one or the new one, whole, whenever the process or the
 * machine dies. Built on the engine's durable files; adds the fsync of the folder, and a quick kind
 * for files that can be made again.
 */
import { renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { asWriteError, syncFolder, writeFileDurably } from '../engine/checkpoint/durable-file.ts';

export interface AtomicWriteOptions {
  /** False: survives a kill, but not a power cut. */
  durable?: boolean;
}

/** @throws StudioError('disk-full' | 'file-unwritable') */
export function writeFileAtomic(
  path: string,
  content: string,
  { durable = true }: AtomicWriteOptions = {},
): void {
  if (durable) {
    writeFileDurably(path, [Buffer.from(content, 'utf8')]);
    syncFolder(dirname(path));
    return;
  }
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw asWriteError(path, error);
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
