import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StudioError } from '../contract/errors.ts';
import { checkConfigFiles } from '../host/config-check.ts';
import { listPresets, readPreset } from '../host/presets.ts';
import type { CommandSpec } from './arguments.ts';
import { parseArguments } from './arguments.ts';
import { configOptions, loadRunConfig } from './config-file.ts';

const spec: CommandSpec = { name: 'run', usage: '', summary: '', options: configOptions };
const load = (...args: string[]) => loadRunConfig(spec, parseArguments(spec, args));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The error of a config of this text, its path shortened to `FILE`. */
function failureOf(text: string, ...args: string[]): StudioError {
  const path = join(folder, 'run.yaml');
  writeFileSync(path, text);
  try {
    load('--config', path, ...args);
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    return new StudioError(error.code, error.message.replaceAll(path, 'FILE'), error.hint);
  }
  throw new Error('It was accepted.');
}

const base = 'model: m\ndata: { file: d.jsonl }\n';

describe('a config', () => {
  test('of two lines has all defaults, and paths that count from its folder', () => {
    const path = join(folder, 'run.yaml');
    writeFileSync(path, 'model: ../m\ndata: {file: d.jsonl}\nlora: {adapter: a}\nweak: base');
    const config = load('--config', path);
    expect(config).toMatchObject({
      model: resolve(folder, '../m'),
      weak: 'base',
      data: { file: join(folder, 'd.jsonl'), format: 'auto' },
      lora: { adapter: join(folder, 'a'), rank: 16 },
      joint: { lambda: 0.5, freezeWeak: false },
      optimizer: { learningRate: 1e-5 },
    });
  });

  test('is changed by options, the last one wins; their paths count from here', () => {
    const path = join(folder, 'run.json');
    writeFileSync(path, '{"model": "m", "data": {"file": "d.jsonl"}, "lora": null}');
    const sets = [
      'optimizer.learningRate=2e-4',
      'lora.rank=8',
      'evaluation.tasks=[gsm8k, mine.yaml]',
      'data.systemPrompt="Be exact: 1 + 1 = 2."',
      'weak=w',
      'name=a',
      'name=b',
    ].flatMap((setting) => ['--set', setting]);
    expect(load('--config', path, '--data', 'rows.csv', ...sets)).toMatchObject({
      name: 'b',
      model: join(folder, 'm'),
      weak: resolve('w'),
      data: { file: resolve('rows.csv'), systemPrompt: 'Be exact: 1 + 1 = 2.' },
      optimizer: { learningRate: 2e-4, epsilon: 1e-8 },
      lora: { rank: 8, alpha: 32 },
      evaluation: { tasks: ['gsm8k', 'mine.yaml'] },
    });
  });

  test('needs no file', () => {
    expect(load('--model', 'm', '--data', 'd').model).toBe(resolve('m'));
    expect(() => load('--model', 'm')).toThrow('Give --config FILE, or --preset NAME, or');
  });
});

describe('a mistake in a config is one line', () => {
  test.each([
    [
      `${base}optimizer: { lerningRate: 1 }`,
      'FILE: unknown field lerningRate in optimizer (did you mean learningRate?).',
    ],
    [
      `${base}learningRate: 1`,
      'FILE: unknown field learningRate (did you mean optimizer.learningRate?).',
    ],
    [
      `${base}checkpoints: { zzzzzz: 1 }`,
      'FILE: unknown field zzzzzz in checkpoints (known: everySteps, keep).',
    ],
    [
      `${base}lora: { Rank: 4, dropout: 2 }`,
      'FILE: lora.dropout is 2, it must be at most 0.99; unknown field Rank in lora (did you mean rank?).',
    ],
    ['data: { file: d }', 'FILE: model is missing, it must be text.'],
    ['model: m', 'FILE: data is missing, it must be a group of fields.'],
    ['model: m\ndata: d.jsonl', 'FILE: data is "d.jsonl", it must be a group of fields.'],
    ['model: ""\ndata: { file: d }', 'FILE: model is "", it must be some text.'],
    [
      `${base}optimizer: { learningRate: fast }`,
      'FILE: optimizer.learningRate is "fast", it must be a number.',
    ],
    [
      `${base}optimizer: { learningRate: 0 }`,
      'FILE: optimizer.learningRate is 0, it must be above 0.',
    ],
    [`${base}batch: { micro: 1.5 }`, 'FILE: batch.micro is 1.5, it must be a whole number.'],
    [`${base}joint: { lambda: 1.2 }`, 'FILE: joint.lambda is 1.2, it must be at most 1.'],
    [
      `${base}curriculum: { scheme: random }`,
      'FILE: curriculum.scheme is "random", it must be one of "discrepancy", "brownboost", "uniform".',
    ],
    [
      `${base}optimizer: { betas: [0.9] }`,
      'FILE: optimizer.betas is [0.9], it must be a list of at least 2.',
    ],
    [
      `${base}lora: { targets: some }`,
      'FILE: lora.targets is "some", it must be "all-linear", or a list.',
    ],
    [`${base}baseline: 1`, 'FILE: baseline is 1, it must be true or false.'],
    [`${base}__proto__: { x: 1 }`, 'FILE: unknown field __proto__ (known: '],
    [`${base}seed: 1\nseed: 2`, 'FILE, line 4: Map keys must be unique.'],
    ['model: [', 'FILE, line 1: '],
    ['- a', 'FILE holds no fields.'],
    ['', 'FILE holds no fields.'],
    [
      'a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]',
      'FILE: Excessive alias count indicates a resource exhaustion attack.',
    ],
  ])('%j', (text, message) => {
    const failure = failureOf(text);
    expect(failure.code).toBe('config-invalid');
    expect(failure.message.slice(0, message.length)).toBe(message);
    expect(failure.message).not.toContain('\n');
  });

  test.each([
    ['optimizer.epsilom=1', 'config-invalid', 'FILE: unknown field epsilom in optimizer'],
    ['seed=x', 'config-invalid', 'FILE: seed is "x", it must be a number.'],
    ['seed', 'usage', '--set seed has no value; write --set key.path=value.'],
    ['=1', 'usage', '--set =1 has no value'],
    ['a..b=1', 'config-invalid', '--set a..b names no field of the config.'],
    ['__proto__.polluted=1', 'config-invalid', '--set __proto__.polluted names no field'],
    ['data.constructor.prototype.polluted=1', 'config-invalid', '--set data.constructor'],
    ['seed=[1', 'config-invalid', '--set seed, line 1: '],
  ])('--set %s', (setting, code, message) => {
    const failure = failureOf(base, '--set', setting);
    expect(failure.code).toBe(code);
    expect(failure.message.slice(0, message.length)).toBe(message);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('a file that is missing or a folder is named', () => {
    const path = join(folder, 'none.yaml');
    expect(() => load('--config', path)).toThrow(`There is no config file ${path}.`);
    expect(() => load('--config', folder)).toThrow(`Cannot read the config file ${folder}.`);
    expect(() => load('--config', path, '--preset', 'demo')).toThrow('cannot be given together');
  });
});

test('missing models and data are named with their field', () => {
  const model = join(folder, 'm');
  const data = join(folder, 'd.jsonl');
  const config = () => load('--model', model, '--data', data);
  expect(() => checkConfigFiles(config())).toThrow(`There is no ${model} (model).`);
  mkdirSync(model);
  expect(() => checkConfigFiles(config())).toThrow(`${model} (model) has no config.json`);
  writeFileSync(join(model, 'config.json'), '{}');
  expect(() => checkConfigFiles(config())).toThrow(`There is no ${data} (data.file).`);
  writeFileSync(data, '');
  checkConfigFiles(config());
});

test('presets are listed and found; paths in them count from their folder', () => {
  writeFileSync(
    join(folder, 'tiny.yaml'),
    'title: Tiny\ndescription: Small.\nconfig: {model: ../m, data: {file: d.jsonl}}',
  );
  const preset = readPreset(folder, 'tiny');
  expect(preset).toEqual({
    name: 'tiny',
    title: 'Tiny',
    description: 'Small.',
    config: { model: resolve(folder, '../m'), data: { file: join(folder, 'd.jsonl') } },
  });
  expect(listPresets(folder)).toEqual([preset]);
  expect(() => readPreset(folder, 'tinny')).toThrow('no preset tinny. Did you mean tiny?');
  expect(() => readPreset(folder, '../tiny')).toThrow('There is no preset ../tiny.');
});
