/**
 * The checkpoints of a run, kept in one folder: which is the newest that can be trusted, which may go,
 * and what a crash left behind. Only folders with a valid manifest count; there is no "latest" link
 * that could point to a broken one.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import { REPLACED_PREFIX, TEMPORARY_PREFIX } from './checkpoint-folder.ts';
import type { CheckpointManifest } from './checkpoint-manifest.ts';
import { readManifest, verifyCheckpoint } from './checkpoint-manifest.ts';
import { asWriteError, renamePatiently, syncFolder } from './durable-file.ts';

export interface FoundCheckpoint {
  path: string;
  name: string;
  step: number;
  manifest: CheckpointManifest;
}

export interface SkippedCheckpoint {
  path: string;
  /** One line for the user. */
  reason: string;
}

/** All checkpoints with a readable manifest, newest first. Their files are not read. */
export function listCheckpoints(parent: string): {
  found: FoundCheckpoint[];
  skipped: SkippedCheckpoint[];
} {
  const found: FoundCheckpoint[] = [];
  const skipped: SkippedCheckpoint[] = [];
  for (const { path, name } of candidates(parent)) {
    try {
      const manifest = readManifest(path);
      found.push({ path, name, step: manifest.fields.step, manifest });
    } catch (error) {
      skipped.push({ path, reason: reasonOf(error) });
    }
  }
  found.sort((a, b) => b.step - a.step || (a.name < b.name ? 1 : -1));
  return { found, skipped };
}

/**
 * The newest checkpoint whose files all match their hashes, null if there is none, and which were
 * passed over on the way and why: the user has to be told.
 */
export function newestCheckpoint(parent: string): {
  newest: FoundCheckpoint | null;
  skipped: SkippedCheckpoint[];
} {
  const { found, skipped } = listCheckpoints(parent);
  for (const checkpoint of found) {
    try {
      verifyCheckpoint(checkpoint.path);
      return { newest: checkpoint, skipped };
    } catch (error) {
      skipped.push({ path: checkpoint.path, reason: reasonOf(error) });
    }
  }
  return { newest: null, skipped };
}

/**
 * Deletes all but the newest `keep` checkpoints and those named in `protectedNames` (a weak agent in
 * use, the best one). Deletes nothing unless the newest one of all verifies.
 * @returns the paths that were deleted
 * @throws file-unwritable
 */
export function removeOldCheckpoints(
  parent: string,
  keep: number,
  protectedNames: readonly string[] = [],
): string[] {
  const { found } = listCheckpoints(parent);
  const old = found.slice(Math.max(1, keep)).filter(({ name }) => !protectedNames.includes(name));
  if (old.length === 0 || newestCheckpoint(parent).newest?.path !== found[0]?.path) return [];
  for (const { path, name } of old) {
    try {
      // Renamed first: a checkpoint that is half deleted must not look like one.
      const doomed = join(parent, `${TEMPORARY_PREFIX}delete-${name}-${process.pid}`);
      renamePatiently(path, doomed);
      rmSync(doomed, { recursive: true, force: true });
    } catch (error) {
      throw asWriteError(path, error);
    }
  }
  syncFolder(parent);
  return old.map(({ path }) => path);
}

/**
 * Tidies up after a crash: unfinished saves and deletions go, and a checkpoint that was set aside
 * without its successor arriving gets its name back. Only for the one who owns the run.
 * @throws file-unwritable
 */
export function cleanTemporary(parent: string): { removed: string[]; restored: string[] } {
  const removed: string[] = [];
  const restored: string[] = [];
  for (const entry of namesIn(parent)) {
    const path = join(parent, entry);
    try {
      if (entry.startsWith(REPLACED_PREFIX)) {
        const original = join(parent, entry.slice(REPLACED_PREFIX.length));
        if (!existsSync(original)) {
          renamePatiently(path, original);
          restored.push(original);
          continue;
        }
      } else if (!entry.startsWith(TEMPORARY_PREFIX)) continue;
      rmSync(path, { recursive: true, force: true });
      removed.push(path);
    } catch (error) {
      throw asWriteError(path, error);
    }
  }
  return { removed, restored };
}

/** Folders that may be checkpoints, with the name each has or had before it was set aside. */
function candidates(parent: string): { path: string; name: string }[] {
  const names = namesIn(parent);
  const setAside = names
    .filter((name) => name.startsWith(REPLACED_PREFIX))
    .map((entry) => ({ entry, name: entry.slice(REPLACED_PREFIX.length) }))
    .filter(({ name }) => !names.includes(name));
  const ordinary = names.filter((name) => !name.startsWith('.'));
  return [...ordinary.map((name) => ({ entry: name, name })), ...setAside].map(
    ({ entry, name }) => ({ path: join(parent, entry), name }),
  );
}

/** Names of the folders in `parent`; none if it does not exist. */
function namesIn(parent: string): string[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

function reasonOf(error: unknown): string {
  if (error instanceof StudioError) return error.message;
  const code = (error as NodeJS.ErrnoException).code;
  if (code) return `it cannot be read (${code})`;
  throw error;
}
