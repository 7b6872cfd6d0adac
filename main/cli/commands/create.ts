/**
 * `wds create`: a randomly initialised Qwen3 as a Hugging Face folder, to train from nothing or to try
 * a machine at full size without a download. resources/demo/README.md has launch lines.
 */
import { resolve } from 'node:path';
import { readModelConfig } from '../../engine/checkpoint/model-config.ts';
import { createModel, shapeOfConfig } from '../../engine/model/create-model.ts';
import type { ModelShape } from '../../engine/model/model-shapes.ts';
import { modelShapes } from '../../engine/model/model-shapes.ts';
import type { CommandSpec, ParsedArguments } from '../arguments.ts';
import { parseArguments, usage } from '../arguments.ts';
import { printable } from '../text.ts';

const names = Object.keys(modelShapes).join('|');

export const createSpec: CommandSpec = {
  name: 'create',
  usage: `(--config DIR | --preset-shape ${names}) --tokenizer DIR --out DIR [options]`,
  summary: 'Makes a randomly initialised Qwen3 model folder.',
  options: {
    config: { value: 'DIR', help: 'folder whose config.json has the sizes' },
    'preset-shape': { value: 'NAME', help: `one of ${names}` },
    tokenizer: { value: 'DIR', help: 'folder with tokenizer.json and tokenizer_config.json' },
    out: { value: 'DIR', help: 'folder to make' },
    seed: { value: 'N', help: 'seed of the weights (42)' },
    dtype: { value: 'NAME', help: 'f32 or bf16 (default)' },
    'max-shard-gb': { value: 'N', help: 'largest weight file, in GB (5)' },
    json: { help: 'print one JSON document' },
    help: { help: 'show this' },
  },
};

export async function create(args: string[]): Promise<number> {
  const given = parseArguments(createSpec, args);
  const seed = given.number('seed') ?? 42;
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw usage(createSpec, '--seed must be a whole number, 0 or above.');
  }
  const dtype = given.value('dtype') ?? 'bf16';
  if (dtype !== 'f32' && dtype !== 'bf16') {
    throw usage(createSpec, `--dtype must be f32 or bf16, not "${dtype}".`);
  }
  const shardGigabytes = given.number('max-shard-gb') ?? 5;
  if (shardGigabytes <= 0) throw usage(createSpec, '--max-shard-gb must be above 0.');
  const out = resolve(given.required('out'));
  const start = performance.now();
  const created = createModel({
    shape: chosenShape(given),
    tokenizer: resolve(given.required('tokenizer')),
    out,
    seed,
    dtype,
    maxShardBytes: shardGigabytes * 1e9,
    onProgress: process.stderr.isTTY ? showProgress : () => {},
  });
  const seconds = (performance.now() - start) / 1000;
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  if (given.has('json')) {
    console.log(JSON.stringify({ folder: out, ...created, seconds }));
  } else {
    const millions = (created.parameters / 1e6).toFixed(2);
    console.log(`${printable(out)}: ${millions} million parameters, ${dtype}, seed ${seed}`);
  }
  return 0;
}

function chosenShape(given: ParsedArguments): ModelShape {
  const folder = given.value('config');
  const name = given.value('preset-shape');
  if ((folder === undefined) === (name === undefined)) {
    throw usage(createSpec, 'Give either --config or --preset-shape.');
  }
  if (folder !== undefined) {
    return shapeOfConfig(
      readModelConfig(resolve(folder.replace(/[\\/]?config\.json$/, '') || '.')),
    );
  }
  if (!Object.hasOwn(modelShapes, name!)) {
    throw usage(createSpec, `There is no shape ${name}; there are ${names.replaceAll('|', ', ')}.`);
  }
  return modelShapes[name as keyof typeof modelShapes];
}

let shown = -1;

function showProgress(done: number, total: number): void {
  const percent = Math.floor((100 * done) / total);
  if (percent === shown) return;
  shown = percent;
  process.stderr.write(`\rwriting the weights: ${percent} %`);
}
