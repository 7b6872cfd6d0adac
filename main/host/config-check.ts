/**
 * A run config as somebody wrote it -> RunConfig, or one line that names the field, what was found
 * and what is accepted; for a field that does not exist, the one that was probably meant.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { core } from 'zod';
import type { RunConfig } from '../contract/config.ts';
import { runConfigSchema } from '../contract/config.ts';
import { StudioError } from '../contract/errors.ts';
import { nearest } from './nearest.ts';

/** @throws StudioError('config-invalid'); `source` says where the config is from. */
export function checkRunConfig(input: unknown, source: string): RunConfig {
  const result = runConfigSchema.safeParse(input);
  if (result.success) return result.data;
  const lines = result.error.issues.flatMap((issue) => describeIssue(issue, input));
  const shown = lines.slice(0, 3).join('; ');
  const rest = lines.length > 3 ? `; and ${lines.length - 3} more` : '';
  throw new StudioError(
    'config-invalid',
    `${source}: ${shown}${rest}.`,
    'Correct the config; README.md lists all fields with their defaults.',
  );
}

/** Refuses a config whose model or files are not there, before a run's folder is made. */
export function checkConfigFiles(config: RunConfig): void {
  const isCheckpoint = config.weak === 'base' || config.weak.startsWith('checkpoint:');
  const folders = { model: config.model, ...(isCheckpoint ? {} : { weak: config.weak }) };
  for (const [field, path] of Object.entries(folders)) {
    requirePath(field, path);
    if (!existsSync(join(path, 'config.json'))) {
      throw new StudioError(
        'model-invalid',
        `${path} (${field}) has no config.json, so it is not a model's folder.`,
        'Choose the folder of a model in Hugging Face layout: config.json, *.safetensors, tokenizer.json.',
      );
    }
  }
  requirePath('data.file', config.data.file);
  if (config.data.order !== undefined) requirePath('data.order', config.data.order);
  if (config.lora?.adapter !== undefined) requirePath('lora.adapter', config.lora.adapter);
  const { heldOut } = config.evaluation;
  if (heldOut !== undefined) requirePath('evaluation.heldOut', heldOut);
}

function requirePath(field: string, path: string): void {
  if (existsSync(path)) return;
  throw new StudioError(
    'file-missing',
    `There is no ${path} (${field}).`,
    'Check the path; in a config file it counts from the folder of that file.',
  );
}

type Issue = core.$ZodIssue;
type Path = readonly PropertyKey[];

function describeIssue(issue: Issue, input: unknown): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => describeUnknown(key, issue.path));
  }
  const field = issue.path.length === 0 ? 'the config' : issue.path.join('.');
  const found = lookUp(input, issue.path);
  const accepted = describeAccepted(issue);
  if (found === undefined) return [`${field} is missing, it must be ${accepted}`];
  return [`${field} is ${shorten(JSON.stringify(found))}, it must be ${accepted}`];
}

function describeUnknown(key: string, path: Path): string {
  const place = path.length === 0 ? '' : ` in ${path.join('.')}`;
  const here = fieldsAt(runConfigSchema, path);
  const meant = nearest(key, here) ?? pathsTo(runConfigSchema, key).at(0);
  const advice = meant === undefined ? `known: ${here.join(', ')}` : `did you mean ${meant}?`;
  return `unknown field ${shorten(key)}${place} (${advice})`;
}

function describeAccepted(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeNames[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.length === 1
        ? JSON.stringify(issue.values[0])
        : `one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      if (issue.origin === 'string') return 'some text';
      if (issue.origin === 'array') return `a list of at least ${issue.minimum}`;
      return issue.inclusive ? `at least ${issue.minimum}` : `above ${issue.minimum}`;
    case 'too_big':
      if (issue.origin === 'string') return `at most ${issue.maximum} characters`;
      if (issue.origin === 'array') return `a list of at most ${issue.maximum}`;
      return issue.inclusive ? `at most ${issue.maximum}` : `below ${issue.maximum}`;
    case 'invalid_union': {
      const ways = issue.errors.flatMap(([first]) => (first ? [describeAccepted(first)] : []));
      return [...new Set(ways)].join(', or ');
    }
    default:
      return issue.message;
  }
}

const typeNames: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a group of fields',
};

function lookUp(value: unknown, path: Path): unknown {
  let current = value;
  for (const key of path) {
    if (current === null || typeof current !== 'object' || !Object.hasOwn(current, key)) {
      return undefined;
    }
    current = (current as Record<PropertyKey, unknown>)[key];
  }
  return current;
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

/** Names of the fields of the group at a path of the schema. */
function fieldsAt(schema: core.$ZodType, path: Path): string[] {
  const [key, ...rest] = path;
  const shape = shapeOf(schema);
  if (key === undefined) return Object.keys(shape);
  const field = shape[String(key)];
  return field === undefined ? [] : fieldsAt(field, rest);
}

/** Where else in the schema a field of this name is, e.g. learningRate -> optimizer.learningRate. */
function pathsTo(schema: core.$ZodType, key: string, prefix = ''): string[] {
  return Object.entries(shapeOf(schema)).flatMap(([name, field]) => [
    ...(name === key ? [`${prefix}${name}`] : []),
    ...pathsTo(field, key, `${prefix}${name}.`),
  ]);
}

/** The fields of an object schema, looked for under defaults and the like. */
function shapeOf(schema: core.$ZodType): Readonly<Record<string, core.$ZodType>> {
  const { def } = schema._zod as { def: { shape?: object; innerType?: core.$ZodType } };
  if (def.shape !== undefined) return def.shape as Record<string, core.$ZodType>;
  return def.innerType === undefined ? {} : shapeOf(def.innerType);
}
