/**
 * What a user can get wrong, through the real command line: exit code 1, one clear line that says
 * what is wrong, where, and what to do; no stack trace; nothing half-written.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync,
} from 'node:fs'; // prettier-ignore
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSafetensors } from '../engine/checkpoint/safetensors-reader.ts';
import { tensorFromArray, writeSafetensors } from '../engine/checkpoint/safetensors-writer.ts';
import { acquireRunLock } from '../host/run-lock.ts';

const wds = fileURLToPath(new URL('./wds.ts', import.meta.url));
const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url));
const base = join(fixtures, 'models', 'base');
const goodRows = readFileSync(join(fixtures, 'data', 'train.jsonl'), 'utf8')
  .split('\n')
  .slice(0, 8);
let root = '';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'wds-bad-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function call(args: string[]) {
  const done = spawnSync(process.execPath, ['--import', 'tsx', wds, ...args], {
    encoding: 'utf8',
    env: { ...process.env, WDS_HOME: root },
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

function modelCopy(name: string): string {
  const folder = join(root, name);
  cpSync(base, folder, { recursive: true });
  return folder;
}

function dataFile(name: string, lines: string[]): string {
  const path = join(root, name);
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}

/** The weights of `base` with one tensor replaced or left out. */
function changeWeights(
  folder: string,
  change: (name: string) => 'keep' | 'drop' | 'reshape' | 'i32',
) {
  const source = openSafetensors(join(base, 'model.safetensors'));
  const tensors = [...source.tensors].flatMap(([name, { shape }]) => {
    const floats = new Float32Array(new Uint8Array(source.read(name)).buffer);
    const verdict = change(name);
    if (verdict === 'drop') return [];
    if (verdict === 'i32') return [tensorFromArray(name, 'I32', shape, Int32Array.from(floats))];
    const shown = verdict === 'reshape' ? [shape[1]!, shape[0]!] : shape;
    return [tensorFromArray(name, 'F32', shown, floats)];
  });
  source.close();
  writeSafetensors(join(folder, 'model.safetensors'), tensors);
}

const gate = 'model.layers.0.mlp.gate_proj.weight';
const common = [
  '--set',
  'batch.accumulation=4',
  '--set',
  'batch.maxLength=128',
  '--set',
  'sft.steps=2',
];

interface Case {
  what: string;
  /** Returns the arguments; the run folder is `out`. */
  given: (out: string) => string[];
  /** Words that the one line must have. */
  says: string[];
}

const good = () => dataFile('good.jsonl', goodRows);
const train = (model: string, data: string, out: string, ...more: string[]): string[] => [
  'train', 'sft', '--model', model, '--data', data, '--out', out, ...common, ...more,
]; // prettier-ignore

const cases: Case[] = [
  {
    what: 'no weights',
    given: (out) => {
      const folder = modelCopy('no-weights');
      rmSync(join(folder, 'model.safetensors'));
      return train(folder, good(), out);
    },
    says: ['no-weights', 'model.safetensors'],
  },
  {
    what: 'truncated weights',
    given: (out) => {
      const folder = modelCopy('truncated');
      truncateSync(join(folder, 'model.safetensors'), 100_000);
      return train(folder, good(), out);
    },
    says: ['truncated', 'model.safetensors'],
  },
  {
    what: 'a missing tensor',
    given: (out) => {
      const folder = modelCopy('missing-tensor');
      changeWeights(folder, (name) => (name === gate ? 'drop' : 'keep'));
      return train(folder, good(), out);
    },
    says: [gate, 'missing'],
  },
  {
    what: 'a tensor of the wrong shape',
    given: (out) => {
      const folder = modelCopy('wrong-shape');
      changeWeights(folder, (name) => (name === gate ? 'reshape' : 'keep'));
      return train(folder, good(), out);
    },
    says: [gate, '64'],
  },
  {
    what: 'a tensor of the wrong type',
    given: (out) => {
      const folder = modelCopy('wrong-type');
      changeWeights(folder, (name) => (name === gate ? 'i32' : 'keep'));
      return train(folder, good(), out);
    },
    says: [gate, 'I32'],
  },
  {
    what: 'a weak agent with another vocabulary',
    given: (out) => {
      const folder = modelCopy('other-vocabulary');
      const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as object;
      writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, vocab_size: 500 }));
      const words = train(base, good(), out, '--set', `weak=${folder}`);
      return words.map((word) => (word === 'sft' ? 'joint' : word));
    },
    says: ['vocabulary', '500'],
  },
  {
    what: 'an unknown field',
    given: (out) => train(base, good(), out, '--set', 'optimizer.learnigRate=1'),
    says: ['learnigRate', 'learningRate'],
  },
  {
    what: 'an empty data file',
    given: (out) => train(base, dataFile('empty.jsonl', []), out),
    says: ['empty.jsonl'],
  },
  {
    what: 'a malformed line',
    given: (out) => train(base, dataFile('broken.jsonl', [...goodRows, '{"messages": [']), out),
    says: ['broken.jsonl', '9'],
  },
  {
    what: 'rows whose answers are all cut off',
    given: (out) => {
      const prompt = 'word '.repeat(400);
      const row = JSON.stringify({ prompt, completion: 'late' });
      return train(base, dataFile('masked.jsonl', [row]), out);
    },
    says: ['masked.jsonl', 'answer'],
  },
];

describe('one clear line, exit code 1, no stack trace', () => {
  test.each(cases)('$what', ({ given, says, what }) => {
    const out = join(root, `run ${what}`);
    const { code, err } = call(given(out));
    const lines = err.split('\n').filter((line) => line.startsWith('error:'));
    expect(lines, err).toHaveLength(1);
    for (const word of says) expect(lines[0]).toContain(word);
    expect(err).not.toMatch(/\n\s+at .*\.ts/);
    expect(code).toBe(1);
    const model = join(out, 'model');
    expect(existsSync(model)).toBe(false);
    const saved = join(out, 'checkpoints', 'sft');
    expect(existsSync(saved) ? readdirSync(saved) : []).toEqual([]);
  });
});

test('a malformed line is left out if the user allows it', () => {
  const path = dataFile('skip.jsonl', [...goodRows, 'not json']);
  const out = join(root, 'skipping');
  const { code, err } = call(train(base, path, out, '--set', 'data.skipInvalid=true'));
  expect(code, err).toBe(0);
  const report = readFileSync(join(out, 'stages', 'examples', 'report.json'), 'utf8');
  expect(JSON.parse(report)).toMatchObject({ kept: 8, skipped: 1 });
});

test('a loss that is not finite pauses the run and keeps the last checkpoint', () => {
  const out = join(root, 'exploding');
  const explosive = ['optimizer.learningRate=1e30', 'sft.steps=6', 'checkpoints.everySteps=1'];
  const settings = explosive.flatMap((setting) => ['--set', setting]);
  const { code, err } = call(train(base, good(), out, ...settings));
  expect(code).toBe(1);
  expect(err).toMatch(/error: The (loss|gradient norm) is (NaN|-?Infinity|inf)/i);
  const status = readFileSync(join(out, 'status.json'), 'utf8');
  expect(status).toContain('"paused"');
  expect(readdirSync(join(out, 'checkpoints', 'sft'))).toContain('step-1');
});

test('a second process on the same run is refused', () => {
  const out = join(root, 'owned');
  expect(call(train(base, good(), out)).code).toBe(0);
  const lock = acquireRunLock(out);
  try {
    const { code, err } = call(['resume', out]);
    expect(code).toBe(1);
    expect(err).toMatch(/^error: .*(locked|in work|process)/m);
  } finally {
    lock.release();
  }
});

test.skipIf(process.getuid?.() === 0)('a folder that cannot be written to', () => {
  const folder = join(root, 'read-only');
  mkdirSync(folder);
  chmodSync(folder, 0o500);
  const { code, err } = call(train(base, good(), join(folder, 'run')));
  expect(code).toBe(1);
  expect(err).toContain('read-only');
});

test('an output path below a file', () => {
  const file = join(root, 'a-file');
  copyFileSync(join(base, 'config.json'), file);
  const { code, err } = call(train(base, good(), join(file, 'run')));
  expect(code).toBe(1);
  expect(err).toMatch(/^error: .*a-file/m);
  expect(err).not.toMatch(/\n\s+at .*\.ts/);
});
