/** From nothing to a model folder by commands: data, tokenizer, random weights. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readModelConfig } from '../../engine/checkpoint/model-config.ts';
import { loadTokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { arithmetic } from './arithmetic.ts';
import { create } from './create.ts';
import { trainTokenizer } from './train-tokenizer.ts';

const root = mkdtempSync(join(tmpdir(), 'wds-create-command-'));
const at = (name: string) => join(root, name);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const printed: string[] = [];
beforeEach(() => {
  printed.length = 0;
  vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
});
afterEach(() => vi.restoreAllMocks());
const document = () => JSON.parse(printed.at(-1)!) as Record<string, unknown>;

describe('making a model from nothing', () => {
  test('data, then a tokenizer of it, then a model for the tokenizer', async () => {
    const data = at('data/train.jsonl');
    expect(
      await arithmetic([
        '--out',
        data,
        '--rows',
        '90',
        '--levels',
        'add-2=2,story',
        '--seed',
        '4',
        '--json',
      ]),
    ).toBe(0);
    expect(document()).toMatchObject({ rows: 90, split: 'training', seed: 4 });
    const lines = readFileSync(data, 'utf8').trim().split('\n');
    expect(lines.filter((line) => line.includes('"level":"story"'))).toHaveLength(30);

    await trainTokenizer(['--data', data, '--out', at('tokenizer'), '--vocabulary', '290']);
    const tokenizer = loadTokenizer(at('tokenizer'));
    expect(tokenizer.vocabularySize).toBe(290);
    expect(tokenizer.encode('assistant')).toHaveLength(1);

    await create([
      '--preset-shape',
      'demo',
      '--tokenizer',
      at('tokenizer'),
      '--out',
      at('model'),
      '--json',
    ]);
    expect(document()).toMatchObject({ vocabularySize: 320, files: ['model.safetensors'] });
    await create(['--config', at('model'), '--tokenizer', at('tokenizer'), '--out', at('twin')]);
    expect(readModelConfig(at('twin'))).toEqual(readModelConfig(at('model')));
    expect(
      readFileSync(at('twin/model.safetensors')).equals(
        readFileSync(at('model/model.safetensors')),
      ),
    ).toBe(true);
  });

  test.each([
    [['--preset-shape', 'demo', '--config', 'x', '--tokenizer', 'x', '--out', 'x'], 'either'],
    [['--preset-shape', 'huge', '--tokenizer', 'x', '--out', 'x'], 'There is no shape huge'],
    [
      ['--preset-shape', 'demo', '--tokenizer', 'x', '--out', 'x', '--dtype', 'int8'],
      'f32 or bf16',
    ],
    [['--preset-shape', 'demo', '--tokenizer', 'x', '--out', 'x', '--seed', '1.5'], 'whole number'],
  ])('create %j is misused', async (args, message) => {
    await expect(create(args)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(message) as string,
    });
  });

  test('arithmetic refuses other splits and unknown levels', async () => {
    const common = ['--out', at('x.jsonl'), '--rows', '5'];
    await expect(arithmetic([...common, '--split', 'test'])).rejects.toThrow(
      'training or held-out',
    );
    await expect(arithmetic([...common, '--levels', 'roots'])).rejects.toThrow('no level roots');
  });
});
