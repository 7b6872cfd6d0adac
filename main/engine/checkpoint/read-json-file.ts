/**
 * A small JSON file of a model or checkpoint folder (config.json, an index, a manifest), read with a
 * size limit so that a hostile folder cannot fill the memory. The result is a plain `unknown`:
 * callers pick out the fields they know and never merge the object into another one.
 */
import { readFileSync, statSync } from 'node:fs';
import type { ErrorCode } from '../../contract/errors.ts';
import { StudioError } from '../../contract/errors.ts';

const MAX_BYTES = 64 * 2 ** 20;

/**
 * @param invalid code of the error for a file that is there but is not JSON
 * @throws file-missing, file-unreadable, or `invalid`
 */
export function readJsonFile(path: string, invalid: ErrorCode): unknown {
  const text = readText(path, invalid);
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StudioError(
      invalid,
      `${path} is not valid JSON: ${reason}`,
      'The file may have been cut off or edited. Copy or download the folder again.',
    );
  }
}

/** The value as a JSON object, or null when it is anything else (arrays included). */
export function asJsonObject(value: unknown): Record<string, unknown> | null {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : null;
}

function readText(path: string, invalid: ErrorCode): string {
  try {
    const { size } = statSync(path);
    if (size > MAX_BYTES) {
      throw new StudioError(
        invalid,
        `${path} has ${size} bytes, more than the ${MAX_BYTES} a JSON file of a model may have.`,
        'Check that this is the right file.',
      );
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof StudioError) throw error;
    throw unreadableFile(path, error);
  }
}

/** A failed open or read of a user's file as the error they see. */
export function unreadableFile(path: string, error: unknown): StudioError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new StudioError(
      'file-missing',
      `${path} does not exist.`,
      'Check the path, and that the whole folder was copied or downloaded.',
      { cause: error },
    );
  }
  const hint =
    code === 'EACCES' || code === 'EPERM'
      ? 'Give your user the right to read it.'
      : code === 'EISDIR'
        ? 'This is a folder; a file was expected.'
        : 'Check the disk, and that the file is not in use by another program.';
  return new StudioError('file-unreadable', `${path} cannot be read (${code}).`, hint, {
    cause: error,
  });
}
