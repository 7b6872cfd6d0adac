/** Greedy text token for token as transformers gives it (fixtures/generation.json), and sampling. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StudioError } from '../../contract/errors.ts';
import { fixturePath, readFixtureJson } from '../../fixtures/reference-files.ts';
import { runSteps } from '../checkpoint/steps.ts';
import { planExport } from '../export/export-model.ts';
import { openGenerator, type Generator } from './generate.ts';

interface Continuation {
  ids: number[];
  finish: 'stop' | 'length';
}
const expected = readFixtureJson<{
  new_tokens: number;
  stop_ids: number[];
  prompts: { prompt_ids: number[]; base: Continuation; strong: Continuation }[];
}>('generation.json');
const prompts = expected.prompts.map(({ prompt_ids }) => prompt_ids);
const greedy = { maxNewTokens: expected.new_tokens, stopIds: expected.stop_ids };

function open(modelDir: string, adapterDir?: string): Promise<Generator> {
  return openGenerator({ modelDir, ...(adapterDir && { adapterDir }) });
}

describe.each(['base', 'strong'] as const)('greedy decoding of %s', (name) => {
  let generator: Generator;
  beforeAll(async () => void (generator = await open(fixturePath(`models/${name}`))));
  afterAll(() => generator.close());
  const reference = expected.prompts.map((prompt) => ({
    ids: prompt[name].ids,
    finishReason: prompt[name].finish,
  }));

  it('is the reference, all prompts in one batch that shrinks as rows end', async () => {
    const heard = prompts.map((): number[] => []);
    const result = await generator.generate(prompts, {
      ...greedy,
      onToken: (prompt, id) => heard[prompt]!.push(id),
    });
    expect(result).toEqual(reference);
    expect(heard).toEqual(reference.map(({ ids }) => ids));
  });

  it('is the reference one by one', async () => {
    for (const [index, prompt] of prompts.entries()) {
      expect(await generator.generate([prompt], greedy)).toEqual([reference[index]]);
    }
  });
});

describe('one generator for many calls', () => {
  let generator: Generator;
  beforeAll(async () => void (generator = await open(fixturePath('models/strong'))));
  afterAll(() => generator.close());

  it('grows to what a later call needs', async () => {
    const [first] = await generator.generate([prompts[0]!], { ...greedy, maxNewTokens: 5 });
    expect(first).toEqual({
      ids: expected.prompts[0]!.strong.ids.slice(0, 5),
      finishReason: 'length',
    });
    const long = Array.from({ length: 20 }, () => prompts).flat();
    const results = await generator.generate(long, greedy);
    results.forEach(({ ids }, index) => {
      expect(ids).toEqual(expected.prompts[index % prompts.length]!.strong.ids);
    });
  });

  it('with an adapter on top is what the merged model generates', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wds-generate-'));
    try {
      const adapterDir = fixturePath('adapter');
      const out = join(folder, 'merged');
      const planned = planExport({
        source: { base: fixturePath('models/strong'), adapter: adapterDir },
        format: 'merged',
        out,
        name: 'merged',
        license: null,
        baseId: null,
        card: () => '',
      });
      runSteps(planned.write());
      planned.close();
      const withAdapter = await open(fixturePath('models/strong'), adapterDir);
      const onTop = await withAdapter.generate(prompts, greedy);
      withAdapter.close();
      const merged = await open(out);
      expect(await merged.generate(prompts, greedy)).toEqual(onTop);
      merged.close();
      expect(onTop[0]!.ids).not.toEqual(expected.prompts[0]!.strong.ids);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('samples the same for the same seed, whatever the batch, and otherwise differently', async () => {
    const options = { ...greedy, maxNewTokens: 24, temperature: 0.8, topP: 0.95 };
    const together = await generator.generate(prompts, { ...options, seed: 7 });
    const pair = await generator.generate(prompts.slice(0, 2), { ...options, seed: 7 });
    expect(pair).toEqual(together.slice(0, 2));
    // A part with its own stream numbers, one at a time, is what it is in the whole.
    const finished: [number, unknown][] = [];
    const part = await generator.generate(prompts.slice(1, 3), {
      ...options,
      seed: 7,
      streams: [1, 2],
      maxBatch: 1,
      onFinished: (prompt, { ids, finishReason }) =>
        finished.push([prompt, { ids: [...ids], finishReason }]),
    });
    expect(part).toEqual(together.slice(1, 3));
    expect(finished.sort(([a], [b]) => a - b)).toEqual([...part.entries()]);
    const other = await generator.generate(prompts, { ...options, seed: 8 });
    expect(other).not.toEqual(together);
    const nearlyGreedy = await generator.generate(prompts, {
      ...greedy,
      temperature: 1,
      topP: 1e-6,
    });
    expect(nearlyGreedy.map(({ ids }) => ids)).toEqual(
      expected.prompts.map(({ strong }) => strong.ids),
    );
  });

  it('ends at the last position of the model', async () => {
    const { maxPositions } = generator.config;
    const prompt = Array.from({ length: maxPositions - 3 }, (_, i) => i % 256);
    const [result] = await generator.generate([prompt], { maxNewTokens: 10, stopIds: [] });
    expect(result!.ids).toHaveLength(3);
    expect(result!.finishReason).toBe('length');
  });

  it('refuses prompts that are empty, too long or of another vocabulary', async () => {
    const { maxPositions, vocabularySize } = generator.config;
    const long = Array.from({ length: maxPositions }, () => 1);
    for (const prompt of [[], [vocabularySize], [-1], [0.5], long]) {
      await expect(generator.generate([prompt], greedy)).rejects.toThrow(StudioError);
    }
    await expect(generator.generate(prompts, { maxNewTokens: 0 })).rejects.toThrow(StudioError);
  });
});
