/** SHA-256 of files and of JSON values in one canonical spelling (keys sorted, no white space). */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { StudioError } from '../contract/errors.ts';

/** Streamed: a file of any size in constant memory. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      hash.update(chunk as Buffer);
    }
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new StudioError(
      missing ? 'file-missing' : 'file-unreadable',
      missing ? `There is no file ${path}.` : `Cannot read ${path}.`,
      'Check the path and its permissions.',
      { cause: error },
    );
  }
  return hash.digest('hex');
}

export function hashJson(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** Fields that are undefined count as absent, as in JSON; numbers JSON cannot say are refused. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new TypeError(`${value} has no spelling in JSON, so it cannot be hashed.`);
  }
  if (value === null || typeof value !== 'object') {
    const text = JSON.stringify(value);
    if (text === undefined) throw new TypeError(`A ${typeof value} cannot be hashed.`);
    return text;
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (ArrayBuffer.isView(value)) throw new TypeError('Hash typed arrays as files, not as JSON.');
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  entries.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(',')}}`;
}
