/**
 * Makes everything in this folder that is not written by hand: data, tokenizer and the tiny base model,
 * by the project's own commands, each printed before it runs. Everything follows from the seeds below;
 * README.md has the figures. About five minutes on two cores.
 *   npm run setup && node resources/demo/make.mjs [FOLDER]      FOLDER: where to write; this one if absent
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const project = resolve(here, '..', '..');
const target = resolve(process.argv[2] ?? here);
const work = mkdtempSync(join(tmpdir(), 'wds-demo-'));

/** What the base has seen: mostly easy problems, some of every kind that the demo trains on. */
const baseLevels =
  'add-1=3,subtract-1=2.5,multiply-1=0.4,add-2=20,subtract-2=15,multiply-2=4,' +
  'story=15,add-3=10,subtract-3=10,two-step=10,story-2=10';
/** What the demo trains on and is examined in. */
const levels = 'add-3=1,subtract-3=1,story=1,multiply-2=0.4';
/** Every kind of wording, for the tokenizer. */
const wordings = 'add-3=1,subtract-3=1,multiply-2=0.7,two-step=1,story=1,story-2=1';

try {
  mkdirSync(target, { recursive: true });
  const [train, heldOut] = [join(target, 'train.jsonl'), join(target, 'held-out.jsonl')];
  const early = join(work, 'early.jsonl');
  wds('arithmetic', { out: early, rows: 12_000, seed: 1, levels: baseLevels });
  wds('arithmetic', { out: train, rows: 4096, seed: 2, levels });
  wds('arithmetic', { out: heldOut, rows: 400, seed: 3, split: 'held-out', levels });
  const words = join(work, 'words.jsonl');
  wds('arithmetic', { out: words, rows: 4096, seed: 2, levels: wordings });
  wds('train-tokenizer', { data: [early, words], out: join(work, 'tokenizer'), vocabulary: 384 });
  wds('create', {
    'preset-shape': 'demo',
    tokenizer: join(work, 'tokenizer'),
    out: join(work, 'random'),
    seed: 1,
    dtype: 'f32',
  });
  wds('train sft', {
    config: join(here, 'base.yaml'),
    model: join(work, 'random'),
    data: early,
    out: join(work, 'run'),
  });
  const base = join(target, 'base');
  rmSync(base, { recursive: true, force: true });
  cpSync(join(work, 'run', 'model'), base, { recursive: true, dereference: true });
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** Runs `wds <command>`, which says itself what went wrong. */
function wds(command, options) {
  const words = Object.entries(options).flatMap(([name, value]) =>
    [value].flat().flatMap((one) => [`--${name}`, String(one)]),
  );
  const args = [...command.split(' '), ...words];
  const shown = args.map((word) => (word.startsWith(project) ? relative(project, word) : word));
  console.log(`> wds ${shown.join(' ')}`);
  const launch = join(project, 'resources', 'setup', 'launch.mjs');
  const { status } = spawnSync(process.execPath, [launch, ...args], {
    cwd: project,
    stdio: 'inherit',
    env: { ...process.env, INIT_CWD: project },
  });
  if (status !== 0) throw new Error(`wds ${command} ended with ${status}`);
}
