/** Times come from runs that did the same work on this machine, and from no others. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runConfigSchema } from '../contract/config.ts';
import type { RunConfigInput } from '../contract/config.ts';
import { describeProcessor } from '../engine/runtime/processor.ts';
import { planRun } from '../pipeline/plan.ts';
import { createRun } from './run-store.ts';
import { measuredRates } from './step-rates.ts';

const fixtures = join(import.meta.dirname, '..', 'fixtures');
const { model, threads } = describeProcessor();
const here = { device: `CPU (${model})`, threads };
const configOf = (name: string, change: Partial<RunConfigInput> = {}) =>
  runConfigSchema.parse({
    name,
    model: join(fixtures, 'models', 'base'),
    data: { file: join(fixtures, 'data', 'train.jsonl'), limit: 16 },
    sft: { steps: 10 },
    joint: { steps: 30 },
    batch: { micro: 2, accumulation: 1, maxLength: 64 },
    device: 'cpu',
    ...change,
  });

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'rates-'))));
afterEach(() => rmSync(root, { recursive: true }));

/** `speeds`: tokens per second of the steps of each stage, each of 100 tokens. */
function makeRun(
  name: string,
  speeds: Record<string, number[]>,
  machine = here,
  change: Partial<RunConfigInput> = {},
): void {
  const folder = createRun(root, configOf(name, change));
  const events = [
    { kind: 'run-started', resumed: false, version: '0', ...machine },
    ...Object.entries(speeds).flatMap(([stage, values]) =>
      values.map((speed) => ({ kind: 'step', stage, tokens: 100, seconds: 100 / speed })),
    ),
  ];
  const line = (event: object, seq: number) => `${JSON.stringify({ seq, ...event })}\n`;
  writeFileSync(join(folder, 'events.jsonl'), events.map(line).join(''));
}

test('the mean of the steps, without those that compiled', async () => {
  makeRun('Before', { sft: [1, 400, 300, 600, 400], joint: [2, 200, 200, 200, 200] });
  const config = configOf('Next');
  const rates = await measuredRates(root, config);
  expect(rates?.stages).toEqual([
    { stage: 'sft', tokensPerSecond: expect.closeTo(400, 6), steps: 5 },
    { stage: 'joint', tokensPerSecond: expect.closeTo(200, 6), steps: 5 },
  ]);
  expect(rates?.source).toContain('the run Before on this machine');

  const plan = await planRun(config, root, rates);
  const [sft, joint, baseline] = plan.stages;
  expect(joint!.seconds! / joint!.steps).toBeCloseTo((2 * sft!.seconds!) / sft!.steps, 9);
  // Continued SFT is the same work as SFT.
  expect(baseline!.seconds! / baseline!.steps).toBeCloseTo(sft!.seconds! / sft!.steps, 9);
  expect(plan.seconds).toBeCloseTo(sft!.seconds! + joint!.seconds! + baseline!.seconds!, 9);
});

test('a stage that was not measured has no time, and then there is no sum', async () => {
  makeRun('Half', { sft: [400, 400, 400, 400, 400] });
  const config = configOf('Next');
  const plan = await planRun(config, root, await measuredRates(root, config));
  expect(plan.stages.map(({ stage, seconds }) => [stage, seconds !== undefined])).toEqual([
    ['sft', true],
    ['joint', false],
    ['baseline', true],
  ]);
  expect(plan).not.toHaveProperty('seconds');
  expect(plan.timeSource).toContain('the run Half');
});

test('other work, other machines and a handful of steps do not count', async () => {
  const steps = [9, 9, 9, 9, 9];
  makeRun('Other machine', { joint: steps }, { ...here, threads: threads + 1 });
  makeRun('Adapter', { joint: steps }, here, { lora: { rank: 4 } });
  makeRun('Frozen', { joint: steps }, here, { joint: { freezeWeak: true } });
  makeRun('Short', { joint: [9, 9] });
  expect(await measuredRates(root, configOf('Next'))).toBeNull();
  const plan = await planRun(configOf('Next'), root, null);
  expect(plan).not.toHaveProperty('timeSource');
});
