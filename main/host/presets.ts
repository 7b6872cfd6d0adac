/**
 * Configs that come with the program: `resources/presets/<name>.json` or `.yaml` holds a title, a
 * description and a config whose paths count from that folder.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join, parse } from 'node:path';
import { StudioError } from '../contract/errors.ts';
import type { Preset } from '../contract/requests.ts';
import type { ConfigObject } from './config-text.ts';
import { readConfigFile, resolvePaths } from './config-text.ts';
import { nearest } from './nearest.ts';

const extensions = ['.json', '.yaml', '.yml'];

export function listPresets(folder: string): Preset[] {
  return namesIn(folder).map((name) => readPreset(folder, name));
}

/** @throws StudioError('usage') when there is none of this name. */
export function readPreset(folder: string, name: string): Preset {
  const names = namesIn(folder);
  if (!names.includes(name)) {
    const guess = nearest(name, names);
    throw new StudioError(
      'usage',
      `There is no preset ${name}.${guess === undefined ? '' : ` Did you mean ${guess}?`}`,
      `Presets: ${names.join(', ') || 'none'}.`,
    );
  }
  const path = extensions.map((extension) => join(folder, name + extension)).find(existsSync)!;
  const file = readConfigFile(path);
  const { title, description, config } = file;
  if (typeof title !== 'string' || typeof description !== 'string' || !isObject(config)) {
    throw new StudioError(
      'config-invalid',
      `${path} is no preset: it needs title, description and config.`,
      'Restore the file.',
    );
  }
  return { name, title, description, config: resolvePaths(config, folder) as Preset['config'] };
}

function namesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => extensions.includes(parse(file).ext))
    .map((file) => parse(file).name)
    .sort();
}

function isObject(value: unknown): value is ConfigObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
