import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/curriculum.json' with { type: 'json' };
import { createGenerator, seedPcg64, seedSequence } from './numpy-random.ts';

describe('numpy random numbers', () => {
  it.each(fixture.random)('seed $seed gives numpy’s state, words and doubles', (known) => {
    expect([...seedSequence(known.seed, 8)]).toEqual(known.seed_sequence_uint32);
    const { state, increment } = seedPcg64(known.seed);
    expect(String(state)).toBe(known.pcg64_state);
    expect(String(increment)).toBe(known.pcg64_increment);
    const words = createGenerator(known.seed);
    expect(known.first_uint64.map(() => String(words.nextUint64()))).toEqual(known.first_uint64);
    const doubles = createGenerator(known.seed);
    expect(known.random16.map(() => doubles.random())).toEqual(known.random16);
  });

  it.each(fixture.choice)('choice: seed $seed, $size of $n (case $case)', (known) => {
    const p = fixture.adaboost[known.case]!.expected.probabilities;
    expect([...createGenerator(known.seed).choice(known.n, known.size, p)]).toEqual(known.indices);
  });

  it.each(fixture.permutation)('permutation: seed $seed, $n rows', (known) => {
    expect([...createGenerator(known.seed).permutation(known.n)]).toEqual(known.permutation);
  });

  it('keeps the unused half of a 32-bit request across other draws, as numpy does', () => {
    const generator = createGenerator(42);
    expect([...generator.permutation(2)]).toEqual([1, 0]);
    expect(generator.random()).toBe(0.4388784397520523);
    expect([...generator.permutation(2)]).toEqual([0, 1]);
    expect([...generator.permutation(3)]).toEqual([1, 2, 0]);
    expect(generator.random()).toBe(0.6973680290593639);
  });

  it('refuses seeds and probabilities that numpy refuses', () => {
    for (const seed of [-1, 0.5, Number.NaN, 2 ** 60]) {
      expect(() => createGenerator(seed)).toThrow(RangeError);
    }
    const generator = createGenerator(0);
    expect(() => generator.choice(0, 1, [])).toThrow('nothing to choose from');
    expect(() => generator.choice(2, 1, [1])).toThrow('2 items but 1 probabilities');
    expect(() => generator.choice(2, 1, [1.5, -0.5])).toThrow('probability 1 is -0.5');
    expect(() => generator.choice(2, 1, [0.5, 0.4])).toThrow('sum to 0.9');
    expect(() => generator.choice(2, 1, [Number.NaN, 0.5])).toThrow('probability 0 is NaN');
  });
});
