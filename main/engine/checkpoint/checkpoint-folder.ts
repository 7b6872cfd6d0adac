/**
 * Saves a checkpoint folder so that at any moment, also after kill -9 or a power loss, either the old
 * or the new one is there completely: files go to a temporary neighbour, each flushed and hashed, the
 * manifest last; then the folder is flushed, renamed into place, and its parent flushed.
 * A folder cannot be renamed over another, so a checkpoint of the same name is first set aside as
 * `.replaced-<name>`; where a crash leaves only that one, it still counts (checkpoint-history.ts).
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckpointFields, CheckpointFile } from './checkpoint-manifest.ts';
import { MANIFEST, isPlainFileName, manifestText } from './checkpoint-manifest.ts';
import { requireDiskSpace } from './disk-space.ts';
import type { WrittenFile } from './durable-file.ts';
import { asWriteError, renamePatiently, syncFolder, writeFileDurably } from './durable-file.ts';
import type { TensorSource } from './safetensors-writer.ts';
import { writeSafetensors } from './safetensors-writer.ts';

/** What starts so is unfinished or to be deleted; `cleanTemporary` removes it. */
export const TEMPORARY_PREFIX = '.tmp-';
export const REPLACED_PREFIX = '.replaced-';

/** Writes the files of one checkpoint; names are plain file names, each used once. */
export interface CheckpointWriter {
  writeTensors(name: string, tensors: readonly TensorSource[]): void;
  writeText(name: string, text: string): void;
  writeJson(name: string, value: unknown): void;
  /** For functions that write several files and give them by name: writeShardedModel, writePeftAdapter. */
  writeFiles(write: (folder: string) => ReadonlyMap<string, WrittenFile>): void;
}

export interface SaveOptions {
  /** Recorded in the manifest. */
  fields: CheckpointFields;
  /** About how much will be written; refused beforehand when the disk has less. */
  expectedBytes: number;
  /** Called at each named point of the save, before the step that it names. */
  onStep?: (point: string) => void;
}

/**
 * Saves `parent/name`, replacing one of that name. The caller owns `parent` alone (the run's lock).
 * @throws disk-full, file-unwritable, and whatever `write` throws; the earlier checkpoint stays
 */
export function saveCheckpoint(
  parent: string,
  name: string,
  write: (folder: CheckpointWriter) => void,
  { fields, expectedBytes, onStep = () => {} }: SaveOptions,
): { path: string; bytes: number; seconds: number } {
  const started = performance.now();
  if (!isPlainFileName(name)) throw new RangeError(`${name} is no name for a checkpoint`);
  const path = join(parent, name);
  const temporary = join(parent, `${TEMPORARY_PREFIX}${name}-${process.pid}`);
  try {
    mkdirSync(parent, { recursive: true });
    requireDiskSpace(parent, expectedBytes, `The checkpoint ${name}`);
    rmSync(temporary, { recursive: true, force: true });
    onStep('create the folder');
    mkdirSync(temporary);
    const files = writeFiles(temporary, write, onStep);
    onStep(`write ${MANIFEST}`);
    const text = new TextEncoder().encode(manifestText(fields, files));
    writeFileDurably(join(temporary, MANIFEST), [text]);
    onStep('flush the folder');
    syncFolder(temporary);
    moveIntoPlace(parent, name, temporary, onStep);
    const bytes = files.reduce((sum, file) => sum + file.bytes, text.length);
    return { path, bytes, seconds: (performance.now() - started) / 1000 };
  } catch (error) {
    discard(temporary);
    throw asWriteError(path, error);
  }
}

function writeFiles(
  folder: string,
  write: (folder: CheckpointWriter) => void,
  onStep: (point: string) => void,
): CheckpointFile[] {
  const files = new Map<string, CheckpointFile>();
  const checkName = (name: string) => {
    if (isPlainFileName(name) && name !== MANIFEST && !files.has(name)) return;
    throw new RangeError(`${name} is no name for a new file of a checkpoint`);
  };
  const record = (name: string, { bytes, sha256 }: WrittenFile) => {
    checkName(name);
    files.set(name, { name, bytes, sha256 });
  };
  const writeFile = (name: string, writeTo: (path: string) => WrittenFile) => {
    checkName(name);
    onStep(`write ${name}`);
    record(name, writeTo(join(folder, name)));
  };
  const writeText = (name: string, text: string) =>
    writeFile(name, (path) => writeFileDurably(path, [new TextEncoder().encode(text)]));
  write({
    writeText,
    writeJson: (name, value) => writeText(name, `${JSON.stringify(value, null, 2)}\n`),
    writeTensors: (name, tensors) => writeFile(name, (path) => writeSafetensors(path, tensors)),
    writeFiles(writeSeveral) {
      onStep('write several files');
      writeSeveral(folder).forEach((written, name) => record(name, written));
    },
  });
  return [...files.values()];
}

function moveIntoPlace(
  parent: string,
  name: string,
  temporary: string,
  onStep: (point: string) => void,
): void {
  const path = join(parent, name);
  const replaced = join(parent, REPLACED_PREFIX + name);
  const isReplacing = existsSync(path);
  if (isReplacing) {
    rmSync(replaced, { recursive: true, force: true });
    onStep('set the old one aside');
    renamePatiently(path, replaced);
  }
  try {
    onStep('rename');
    renamePatiently(temporary, path);
  } catch (error) {
    if (isReplacing) renamePatiently(replaced, path);
    throw error;
  }
  onStep('flush the parent folder');
  syncFolder(parent);
  onStep('remove the old one');
  discard(replaced);
  onStep('done');
}

/** Deletes what is no longer needed; what cannot be deleted now is left for cleanTemporary. */
function discard(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // The checkpoint itself is not affected.
  }
}
