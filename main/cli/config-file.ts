/**
 * The run config of a command line: `--preset NAME` or `--config FILE`, then `--model` and `--data`,
 * then each `--set key.path=value` (value in YAML). Paths in a file count from its folder, paths on
 * the command line from the working directory. Options are shared by all commands that take one.
 */
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunConfig } from '../contract/config.ts';
import { StudioError } from '../contract/errors.ts';
import { checkRunConfig } from '../host/config-check.ts';
import type { ConfigObject } from '../host/config-text.ts';
import { parseYaml, readConfigFile, resolvePaths } from '../host/config-text.ts';
import { readPreset } from '../host/presets.ts';
import type { CommandSpec, ParsedArguments } from './arguments.ts';
import { usage } from './arguments.ts';

export const configOptions: CommandSpec['options'] = {
  config: { value: 'FILE', help: 'run config, YAML or JSON' },
  preset: { value: 'NAME', help: 'a config that comes with the program, e.g. demo' },
  model: { value: 'DIR', help: "the model's folder, in Hugging Face layout" },
  data: { value: 'FILE', help: 'training data: .jsonl, .jsonl.zst, .csv or .parquet' },
  set: {
    value: 'KEY=VALUE',
    repeated: true,
    help: 'one field of the config, e.g. optimizer.learningRate=2e-5',
  },
};

const presetsFolder = fileURLToPath(new URL('../../resources/presets', import.meta.url));

/** @throws StudioError('usage' | 'config-invalid' | 'file-missing' | 'file-unreadable') */
export function loadRunConfig(spec: CommandSpec, given: ParsedArguments): RunConfig {
  const { config, source } = readBase(spec, given);
  for (const [option, path] of [
    ['model', ['model']],
    ['data', ['data', 'file']],
  ] as const) {
    const value = given.value(option);
    if (value !== undefined) assign(config, path, resolve(value), `--${option}`);
  }
  for (const setting of given.values('set')) applySetting(config, setting, spec);
  return checkRunConfig(config, source);
}

function readBase(
  spec: CommandSpec,
  given: ParsedArguments,
): { config: ConfigObject; source: string } {
  const file = given.value('config');
  const preset = given.value('preset');
  if (file !== undefined && preset !== undefined) {
    throw usage(spec, '--config and --preset cannot be given together.');
  }
  if (file !== undefined) {
    const path = resolve(file);
    return { config: resolvePaths(readConfigFile(path), dirname(path)), source: file };
  }
  if (preset !== undefined) {
    return { config: readPreset(presetsFolder, preset).config, source: `preset ${preset}` };
  }
  if (given.value('model') === undefined || given.value('data') === undefined) {
    throw usage(spec, 'Give --config FILE, or --preset NAME, or --model DIR and --data FILE.');
  }
  return { config: {}, source: 'command line' };
}

function applySetting(config: ConfigObject, setting: string, spec: CommandSpec): void {
  const equals = setting.indexOf('=');
  if (equals < 1) {
    throw usage(spec, `--set ${setting} has no value; write --set key.path=value.`);
  }
  const key = setting.slice(0, equals);
  const value = parseYaml(setting.slice(equals + 1), `--set ${key}`);
  const nested = nest(key.split('.'), value);
  assign(config, key.split('.'), lookUp(resolvePaths(nested, process.cwd()), key), `--set ${key}`);
}

/** Groups on the way are made where they are missing; only own, harmless keys are touched. */
function assign(
  config: ConfigObject,
  path: readonly string[],
  value: unknown,
  source: string,
): void {
  let group = config;
  for (const [index, key] of path.entries()) {
    if (key === '' || ['__proto__', 'constructor', 'prototype'].includes(key)) {
      throw new StudioError(
        'config-invalid',
        `${source} names no field of the config.`,
        'Write the field as in the config file, e.g. optimizer.learningRate.',
      );
    }
    if (index === path.length - 1) {
      group[key] = value;
      return;
    }
    const next = Object.hasOwn(group, key) ? group[key] : undefined;
    if (next !== null && typeof next === 'object' && !Array.isArray(next)) {
      group = next as ConfigObject;
    } else {
      group = group[key] = {};
    }
  }
}

function nest(path: string[], value: unknown): ConfigObject {
  const nested = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  return nested as ConfigObject;
}

function lookUp(config: ConfigObject, key: string): unknown {
  return key.split('.').reduce<unknown>((group, name) => (group as ConfigObject)[name], config);
}
