/**
 * The weak cache changes nothing but time and memory: losses, diagnostics and trained bytes are those
 * of the weak model taking part in every step.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fixtureModel, referenceControl, referenceStage } from '../../fixtures/reference-stage.ts';
import { readModelConfig } from '../checkpoint/model-config.ts';
import { createModel, shapeOfConfig } from '../model/create-model.ts';
import { trainStage, type StageTraining } from './train-stage.ts';

const root = mkdtempSync(join(tmpdir(), 'wds-weak-cache-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const lora = { rank: 4, alpha: 8, dropout: 0.1, targets: 'all-linear' } as const;
const base = fixtureModel('base');
const packed = { micro: 2, accumulation: 2, maxLength: 160, packing: true };
let stages = 0;

/** A joint stage; what it logged and left behind. */
async function train(use: 'on' | 'off', states: string, choice: Partial<StageTraining> = {}) {
  const folder = join(root, `stage-${stages++}`);
  const steps: object[] = [];
  const trained = await trainStage(
    referenceStage(folder, {
      stage: 'joint',
      objective: { kind: 'joint', lambda: 0.42 },
      weak: { source: base, frozen: true },
      weakCache:
        use === 'off'
          ? null
          : { use, folder: join(root, states), fingerprint: states, machine: 'this one' },
      emit: (event) => {
        if (event.kind !== 'step') return;
        const { seconds: _seconds, tokensPerSecond: _rate, ...rest } = event;
        steps.push(rest);
      },
      ...choice,
    }),
  );
  const written = readdirSync(join(folder, 'step-4')).filter((name) => name.endsWith('.safetensors')); // prettier-ignore
  const hash = createHash('sha256');
  for (const file of written.sort()) hash.update(readFileSync(join(folder, 'step-4', file)));
  return { steps, bytes: hash.digest('hex'), weakStates: trained.weakStates };
}

describe('a joint stage with the weak cache', () => {
  it.each([
    ['f32', { precision: { weights: 'f32', compute: 'f32' } }],
    ['bf16', { precision: { weights: 'bf16', compute: 'bf16' }, batch: packed }],
    ['adapters on one base', { lora, strong: base, batch: packed }],
    ['an adapter beside another model', { lora, batch: packed }],
  ] satisfies [string, Partial<StageTraining>][])(
    'is the stage without it, bit for bit: %s',
    async (name, choice) => {
      const without = await train('off', name, choice);
      const first = await train('on', name, choice);
      expect(without.weakStates).toBeNull();
      expect(first.steps).toEqual(without.steps);
      expect(first.steps.length).toBe(4);
      expect(first.bytes).toBe(without.bytes);
      expect(first.weakStates!.found).toBe(0);
      const { computed } = first.weakStates!;
      expect(computed).toBeGreaterThanOrEqual(4);
      const again = await train('on', name, choice);
      expect(again.weakStates).toEqual({ computed: 0, found: computed });
      expect(again.bytes).toBe(without.bytes);
    },
  );

  it('serves another lambda, and never another order of data', async () => {
    const { weakStates } = await train('on', 'lambda');
    const other = await train('on', 'lambda', { objective: { kind: 'joint', lambda: 0.5 } });
    expect(other.weakStates).toEqual({ computed: 0, found: weakStates!.computed });
    const batch = { micro: 1, accumulation: 4, maxLength: 72, packing: false };
    expect((await train('on', 'lambda', { batch })).weakStates!.found).toBe(0);
  });

  it('takes a weak model of another width', async () => {
    const folder = join(root, 'narrow');
    const shape = { ...shapeOfConfig(readModelConfig(base.base)), hiddenSize: 32 };
    createModel({ shape, tokenizer: base.base, out: folder, seed: 3, dtype: 'f32' });
    const weak = { source: { base: folder, adapter: null }, frozen: true };
    const without = await train('off', 'narrow', { weak });
    const cached = await train('on', 'narrow', { weak });
    expect(cached.bytes).toBe(without.bytes);
  });

  it('says which file was damaged, and goes on without it', async () => {
    await train('on', 'damaged');
    const folder = join(root, 'damaged');
    const [name] = readdirSync(folder);
    const content = readFileSync(join(folder, name!));
    content[7]! ^= 1;
    writeFileSync(join(folder, name!), content);
    await expect(train('on', 'damaged')).rejects.toThrow(name!);
    expect((await train('on', 'damaged')).weakStates!.computed).toBe(1);
  });

  it('stopped while it is filled, it goes on where it was', async () => {
    let asked = 0;
    const control = { ...referenceControl, stopRequested: () => ++asked > 2 };
    await expect(train('on', 'stopped', { control })).rejects.toThrow('states were computed');
    expect((await train('on', 'stopped')).weakStates!.found).toBe(2);
  });
});
