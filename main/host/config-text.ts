/** Configs as text: YAML, of which JSON is a part; and the paths in them. */
import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { StudioError } from '../contract/errors.ts';

export type ConfigObject = Record<string, unknown>;

const largest = 1_000_000;

/** @throws StudioError('file-missing' | 'file-unreadable' | 'config-invalid') */
export function readConfigFile(path: string): ConfigObject {
  let text: string;
  try {
    if (statSync(path).size > largest) {
      throw new StudioError(
        'config-invalid',
        `${path} is larger than ${largest} bytes, so it is not a config.`,
        'Choose the YAML or JSON file that describes the run.',
      );
    }
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof StudioError) throw error;
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new StudioError(
      missing ? 'file-missing' : 'file-unreadable',
      missing ? `There is no config file ${path}.` : `Cannot read the config file ${path}.`,
      'Check the path.',
      { cause: error },
    );
  }
  return parseConfig(text, path);
}

export function parseConfig(text: string, source: string): ConfigObject {
  const value = parseYaml(text, source);
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    return value as ConfigObject;
  }
  throw new StudioError(
    'config-invalid',
    `${source} holds no fields.`,
    'A config looks like: model: DIR, data: {file: FILE}.',
  );
}

/** Any value in YAML; errors name the line. */
export function parseYaml(text: string, source: string): unknown {
  const document = parseDocument(text, { prettyErrors: true });
  const [error] = document.errors;
  try {
    if (error === undefined) return document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch (failure) {
    throw unreadable(source, (failure as Error).message, failure);
  }
  const line = error.linePos?.[0].line;
  const place = line === undefined ? source : `${source}, line ${line}`;
  throw unreadable(place, error.message.split(/ at line |\n/)[0] ?? '', error);
}

function unreadable(place: string, reason: string, cause: unknown): StudioError {
  const words = reason.replace(/[.:\s]+$/, '');
  return new StudioError('config-invalid', `${place}: ${words}.`, 'Correct the YAML or JSON.', {
    cause,
  });
}

/** Fields that hold a path, as paths of keys; `weak` and tasks hold one only in some spellings. */
const pathFields = [
  ['model'],
  ['weak'],
  ['data', 'file'],
  ['data', 'order'],
  ['lora', 'adapter'],
  ['evaluation', 'heldOut'],
];

/** Relative paths counted from a folder, as a copy; `~/` is the user's home. */
export function resolvePaths(config: ConfigObject, folder: string): ConfigObject {
  const copy = structuredCloneOf(config);
  for (const [group, field] of pathFields.map(
    (path) => [path.slice(0, -1), path.at(-1)!] as const,
  )) {
    const parent = group[0] === undefined ? copy : copy[group[0]];
    if (parent === null || typeof parent !== 'object') continue;
    const fields = parent as ConfigObject;
    const value = fields[field];
    if (typeof value === 'string' && !isNoPath(field, value)) {
      fields[field] = resolvePath(value, folder);
    }
  }
  return copy;
}

export function resolvePath(path: string, folder: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(folder, path);
}

function isNoPath(field: string, value: string): boolean {
  return (
    value === '' || (field === 'weak' && (value === 'base' || value.startsWith('checkpoint:')))
  );
}

/** Plain data only; keeps a key called __proto__ a key. */
function structuredCloneOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(structuredCloneOf) as T;
  if (value === null || typeof value !== 'object') return value;
  const copy = {};
  for (const [key, field] of Object.entries(value)) {
    Object.defineProperty(copy, key, {
      value: structuredCloneOf(field as unknown),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return copy as T;
}
