/**
 * A run that is killed with SIGKILL again and again, and inside checkpoint saves, ends with the very
 * bytes and the very steps of a run that nobody disturbed. Real processes, real training: both
 * models of a joint stage are trained, so weights, moments and weak weights all have to survive.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunEvent, StepEvent } from '../contract/events.ts';
import { openSafetensors } from '../engine/checkpoint/safetensors-reader.ts';
import { createGenerator } from '../engine/curriculum/numpy-random.ts';

const wds = fileURLToPath(new URL('../cli/wds.ts', import.meta.url));
const models = fileURLToPath(new URL('../fixtures/models', import.meta.url));
const data = fileURLToPath(new URL('../fixtures/data/train.jsonl', import.meta.url));
const kills = 10;
let root = '';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'wds-crash-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const settings = [
  `model=${join(models, 'strong')}`,
  `weak=${join(models, 'base')}`,
  // Few examples, few batch shapes: every start compiles anew, and that is most of the test's time.
  'data.limit=4',
  'joint.steps=60',
  'batch.maxLength=48',
  'batch.packing=false',
  'batch.micro=2',
  'batch.accumulation=2',
  'optimizer.learningRate=1e-3',
  'checkpoints.everySteps=2',
  'checkpoints.keep=2',
];

function start(folder: string, isNew: boolean, more: readonly string[] = []) {
  const fresh = [
    'train',
    'joint',
    '--model',
    join(models, 'strong'),
    '--data',
    data,
    '--out',
    folder,
  ];
  const args = isNew
    ? [...fresh, ...[...settings, ...more].flatMap((s) => ['--set', s])]
    : ['resume', folder];
  const child = spawn(process.execPath, ['--import', 'tsx', wds, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, WDS_HOME: root },
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise<{ code: number | null; errors: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, errors })),
  );
  return { child, ended };
}

function stepsOf(folder: string): StepEvent[] {
  const path = join(folder, 'events.jsonl');
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as RunEvent)
    .filter((event) => event.kind === 'step');
}

/** Everything but the times. */
function numbers(step: StepEvent): unknown {
  const { kind, stage, step: number, loss, gradientNorm, learningRate, divergence } = step;
  return { kind, stage, number, loss, gradientNorm, learningRate, divergence };
}

function hashes(folder: string, step = 60): Record<string, string> {
  const last = join(folder, 'checkpoints', 'joint', `step-${step}`);
  const files = readdirSync(last).filter((name) => name.endsWith('.safetensors'));
  return Object.fromEntries(
    files.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(last, name)))
        .digest('hex'),
    ]),
  );
}

/** Kills the child `delay` ms after its `count`-th new step, or as soon as a save has begun. */
function killLater(
  child: ReturnType<typeof start>['child'],
  folder: string,
  plan: { count: number; delay: number; inSave: boolean },
): () => void {
  const before = stepsOf(folder).length;
  const timer = setInterval(() => {
    const saves = join(folder, 'checkpoints', 'joint');
    const saving = existsSync(saves) && readdirSync(saves).some((name) => name.startsWith('.tmp-'));
    if (plan.inSave ? saving : stepsOf(folder).length >= before + plan.count) {
      clearInterval(timer);
      setTimeout(() => child.kill('SIGKILL'), plan.delay);
    }
  }, 1);
  return () => clearInterval(timer);
}

test(`${kills} kills at random moments change nothing`, { timeout: 900_000 }, async () => {
  const undisturbed = join(root, 'undisturbed');
  const straight = await start(undisturbed, true).ended;
  expect(straight.code, straight.errors).toBe(0);

  const folder = join(root, 'killed');
  const random = createGenerator(7);
  let landed = 0;
  let inSaves = 0;
  for (let attempt = 0; attempt < 4 * kills; attempt++) {
    const { child, ended } = start(folder, attempt === 0);
    const inSave = landed % 3 === 2;
    const count = 1 + Math.floor(random.random() * 3);
    const cancel = killLater(child, folder, { inSave, count, delay: random.random() * 40 });
    if (landed >= kills) cancel();
    const { code } = await ended;
    cancel();
    if (code === 0) break;
    landed++;
    if (inSave) inSaves++;
  }
  // A kill that never lands proves nothing.
  expect(landed).toBe(kills);
  expect(inSaves).toBeGreaterThan(0);
  expect(stepsOf(folder).map(numbers)).toEqual(stepsOf(undisturbed).map(numbers));
  expect(hashes(folder)).toEqual(hashes(undisturbed));
});

test('nor does one where weights and moments are bf16', { timeout: 300_000 }, async () => {
  const half = ['precision.weights=bf16', 'optimizer.moments=bf16', 'joint.steps=8'];
  const undisturbed = join(root, 'half-undisturbed');
  const straight = await start(undisturbed, true, half).ended;
  expect(straight.code, straight.errors).toBe(0);

  const folder = join(root, 'half-killed');
  const { child, ended } = start(folder, true, half);
  const cancel = killLater(child, folder, { inSave: false, count: 4, delay: 0 });
  const { code } = await ended;
  cancel();
  expect(code).toBeNull();
  const resumed = await start(folder, false).ended;
  expect(resumed.code, resumed.errors).toBe(0);
  expect(stepsOf(folder).map(numbers)).toEqual(stepsOf(undisturbed).map(numbers));
  expect(hashes(folder, 8)).toEqual(hashes(undisturbed, 8));

  const saved = join(folder, 'checkpoints', 'joint', 'step-8', 'optimizer.safetensors');
  const file = openSafetensors(saved);
  const moments = [...file.tensors].filter(([name]) => /q_proj.*_moment$/.test(name));
  expect(moments.length).toBeGreaterThan(0);
  for (const [, { dtype }] of moments) expect(dtype).toBe('BF16');
  file.close();
});
