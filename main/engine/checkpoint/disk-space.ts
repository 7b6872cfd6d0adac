/**
 * Whether a disk has room, asked before a large write so that a run pauses before it writes half a
 * checkpoint. Advisory: another program may take the space meanwhile, so writers handle ENOSPC too.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { StudioError } from '../../contract/errors.ts';

/** Room left for the journal, logs and events beside what is about to be written. */
const RESERVE_BYTES = 16 * 2 ** 20;

/** @throws disk-full with the bytes needed and free; passes where free space cannot be found out */
export function requireDiskSpace(folder: string, bytes: number, purpose: string): void {
  const free = freeDiskBytes(folder);
  const needed = bytes + RESERVE_BYTES;
  if (free === null || free >= needed) return;
  throw new StudioError(
    'disk-full',
    `${purpose} needs ${gigabytes(needed)} GB, but the disk of ${folder} has ${gigabytes(free)} GB free.`,
    'Free some space there, then continue. Earlier checkpoints are unharmed.',
  );
}

/** Bytes an ordinary user may still write to the disk of `folder`; null if the system does not say. */
export function freeDiskBytes(folder: string): number | null {
  // statfs came with Node 18; the older runtime that the shell may start with asks df instead.
  if (typeof fs.statfsSync !== 'function') return freeBytesByDf(folder);
  try {
    const { bavail, bsize } = fs.statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

/** The same from `df`, in its portable format: the fourth column of the second line, in KiB. */
export function freeBytesByDf(folder: string): number | null {
  const { stdout, status } = spawnSync('df', ['-kP', folder], { encoding: 'utf8' });
  if (status !== 0) return null;
  const available = Number(stdout.trim().split('\n')[1]?.split(/\s+/)[3]);
  return Number.isFinite(available) ? available * 1024 : null;
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(bytes < 1e9 ? 3 : 1);
}
