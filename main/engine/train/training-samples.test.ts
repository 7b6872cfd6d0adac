import { expect, it } from 'vitest';
import { fixturePath, readFixtureJson } from '../../fixtures/reference-files.ts';
import { compiledIslands } from '../../fixtures/reference-model.ts';
import { openMeasuring } from './measure-session.ts';
import { trainingSamples } from './training-samples.ts';

const reference = readFixtureJson<{
  stop_ids: number[];
  prompts: { prompt_ids: number[]; strong: { ids: number[] } }[];
}>('generation.json');
const text = {
  decode: (ids: ArrayLike<number>) => Array.from(ids).join(' '),
  stopIds: reference.stop_ids,
};

function example(prompt: number[], answer: number[]) {
  return {
    id: 0,
    row: 0,
    ids: Int32Array.from([...prompt, ...answer]),
    completionMask: Uint8Array.from([...prompt.map(() => 0), ...answer.map(() => 1)]),
    fullLength: prompt.length + answer.length,
    truncated: false,
    promptIsPrefix: true,
  };
}

it('writes what transformers generates', async () => {
  const chosen = reference.prompts.slice(0, 2);
  const samples = trainingSamples(
    chosen.map(({ prompt_ids: prompt }) => example(prompt, [7, 11])),
    text,
  );
  const { session } = await openMeasuring({
    source: { base: fixturePath('models/strong'), adapter: null },
    precision: { weights: 'f32', compute: 'f32' },
    placement: compiledIslands,
    measureShapes: [],
    logitsShapes: [samples.shape!],
  });
  const written = samples.write(session);
  session.close();
  const expected = chosen.map(({ prompt_ids: prompt, strong }) => ({
    prompt: text.decode(prompt),
    text: text.decode(strong.ids.filter((id) => !text.stopIds.includes(id)).slice(0, 24)),
    expected: '7 11',
  }));
  expect(written).toEqual(expected);
});

it('has nothing to write where no prompt is short enough or every token is a target', () => {
  const long = example(
    Array.from({ length: 200 }, () => 1),
    [2],
  );
  expect(trainingSamples([long, example([], [1, 2])], text).shape).toBeNull();
});
