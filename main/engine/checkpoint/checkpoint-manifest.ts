/**
 * `manifest.json` of a checkpoint: every file with its size and SHA-256, the caller's own fields (step,
 * stage, hash of the configuration...) and a checksum of the manifest itself. It is written last, so a
 * folder without a valid manifest is not a checkpoint, whatever else it holds.
 */
import { createHash } from 'node:crypto';
import { closeSync, lstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import { asJsonObject, readJsonFile } from './read-json-file.ts';
import { runSteps, type Steps } from './steps.ts';

export const MANIFEST = 'manifest.json';
const VERSION = 1;
const READ_BYTES = 8 * 2 ** 20;

export interface CheckpointFile {
  name: string;
  bytes: number;
  sha256: string;
}

/** What the caller records; has to survive JSON. */
export interface CheckpointFields {
  step: number;
  [field: string]: unknown;
}

export interface CheckpointManifest {
  version: typeof VERSION;
  fields: CheckpointFields;
  files: CheckpointFile[];
}

export function manifestText(fields: CheckpointFields, files: CheckpointFile[]): string {
  // Through JSON once, so that what is hashed is what a reader will see (no undefined, no dates).
  const manifest: CheckpointManifest = JSON.parse(
    JSON.stringify({ version: VERSION, fields, files }),
  );
  return JSON.stringify({ ...manifest, checksum: checksum(manifest) }, null, 2);
}

/** Reads the manifest alone; the files it lists are not looked at. @throws checkpoint-corrupt */
export function readManifest(folder: string): CheckpointManifest {
  const path = join(folder, MANIFEST);
  const json = asJsonObject(readManifestJson(folder, path));
  const fields = asJsonObject(json?.['fields']);
  const files = json?.['files'];
  const step = fields?.['step'];
  if (!json || json['version'] !== VERSION || !fields || !Array.isArray(files)) {
    throw corrupt(folder, `${MANIFEST} is not one of version ${VERSION}`);
  }
  const manifest = { version: VERSION, fields, files } as CheckpointManifest;
  if (json['checksum'] !== checksum(manifest)) {
    throw corrupt(folder, `${MANIFEST} does not match its own checksum`);
  }
  if (typeof step !== 'number') throw corrupt(folder, `${MANIFEST} names no step`);
  return manifest;
}

/**
 * Reads every byte of a checkpoint and compares it with the manifest. Files beyond the manifest's are
 * not looked at.
 * @throws checkpoint-corrupt, naming the file and what is wrong with it
 */
export function verifyCheckpoint(folder: string): CheckpointManifest {
  return runSteps(verificationSteps(folder));
}

/** The same piece by piece, of all files or of those that are needed. */
export function* verificationSteps(
  folder: string,
  isNeeded: (name: string) => boolean = () => true,
): Steps<CheckpointManifest> {
  const manifest = readManifest(folder);
  for (const file of manifest.files) {
    if (!isNeeded(file.name)) continue;
    if (!isPlainFileName(file.name)) {
      throw corrupt(folder, `${MANIFEST} names ${JSON.stringify(file.name)}`);
    }
    const path = join(folder, file.name);
    const bytes = sizeOf(path);
    if (bytes === null) throw corrupt(folder, `${file.name} is missing`);
    if (bytes !== file.bytes) {
      throw corrupt(folder, `${file.name} has ${bytes} bytes instead of ${file.bytes}`);
    }
    if ((yield* sha256OfFile(path)) !== file.sha256) {
      throw corrupt(folder, `the content of ${file.name} has changed (SHA-256 differs)`);
    }
  }
  return manifest;
}

/** Letters, digits and a few signs: nothing that leads into another folder or hides. */
export function isPlainFileName(name: unknown): name is string {
  return typeof name === 'string' && name.length < 256 && /^[A-Za-z0-9][\w.-]*$/.test(name);
}

export function corrupt(folder: string, reason: string, cause?: unknown): StudioError {
  return new StudioError(
    'checkpoint-corrupt',
    `The checkpoint ${folder} cannot be used: ${reason}.`,
    'Continue from an earlier checkpoint; this one can be deleted.',
    { cause },
  );
}

function readManifestJson(folder: string, path: string): unknown {
  try {
    return readJsonFile(path, 'checkpoint-corrupt');
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    const reason = error.code === 'file-missing' ? `${MANIFEST} is missing` : error.message;
    throw corrupt(folder, reason.replace(/\.$/, ''), error);
  }
}

function checksum({ version, fields, files }: CheckpointManifest): string {
  return createHash('sha256').update(JSON.stringify({ version, fields, files })).digest('hex');
}

/** null when there is no ordinary file; a link is none, since it may lead anywhere. */
function sizeOf(path: string): number | null {
  const status = lstatSync(path, { throwIfNoEntry: false });
  return status?.isFile() ? status.size : null;
}

function* sha256OfFile(path: string): Steps<string> {
  const hash = createHash('sha256');
  const buffer = new Uint8Array(READ_BYTES);
  const descriptor = openSync(path, 'r');
  try {
    for (;;) {
      const count = readSync(descriptor, buffer, 0, buffer.length, null);
      if (count === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, count));
      yield count;
    }
  } finally {
    closeSync(descriptor);
  }
}
