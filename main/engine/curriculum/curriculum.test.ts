/** Curriculum weights against numbers made with numpy and the reference implementation's formulas. */
import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/curriculum.json' with { type: 'json' };
import { curriculumSchema } from '../../contract/config.ts';
import { brownboostWeights } from './brownboost.ts';
import { alignEntropies } from './check-entropies.ts';
import { curriculumWeights, previewCurriculum } from './curriculum-weights.ts';
import { discrepancyWeights } from './discrepancy.ts';
import { curriculumOutlook, termShares } from './effective-sample-size.ts';
import { createGenerator } from './numpy-random.ts';
import { numpyQuantile, numpyStandardDeviation, numpySum } from './numpy-sum.ts';
import { resample, samplingProbabilities } from './resample.ts';

function expectClose(actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-12) {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, index) => {
    expect(Math.abs(actual[index]! - value), `entry ${index}`).toBeLessThanOrEqual(tolerance);
  });
}

describe('numpy reductions', () => {
  const values = Float64Array.from({ length: 100_000 }, () => 0);
  const generator = createGenerator(5);
  for (let index = 0; index < values.length; index++) values[index] = generator.random();

  it('are equal to numpy’s to the last bit', () => {
    // default_rng(5).random(100_000)
    expect(numpySum(values)).toBe(50063.521094833246);
    expect(numpySum(values.subarray(0, 1000))).toBe(490.70616554938744);
    expect(numpySum(values.subarray(0, 129))).toBe(66.94614283916238);
    expect(numpySum(values.subarray(0, 300).map((x) => x * x))).toBe(97.2209502956675);
    expect(numpySum(values.subarray(0, 9))).toBe(3.353876347828944);
    expect(numpySum(values.subarray(0, 7))).toBe(3.259843443199331);
    expect(numpySum(new Float64Array(0))).toBe(0);
    expect(numpyStandardDeviation(values)).toBe(0.28878447916870975);
    expect(numpyQuantile(values.subarray(0, 1001), 0.37)).toBe(0.36680716291277893);
  });
});

describe('discrepancy weights', () => {
  it.each(fixture.adaboost)('$name ($alpha, $beta, $gamma)', (known) => {
    const result = discrepancyWeights(
      Float64Array.from(known.H0),
      Float64Array.from(known.H1),
      known,
    );
    const { delta, Z1, Z2, Z3, weights, probabilities, uniform_fallback } = known.expected;
    expect([...result.delta]).toEqual(delta);
    expect(Object.values(result.normalizers)).toEqual([Z1, Z2, Z3]);
    expectClose(result.weights, weights);
    const drawn = samplingProbabilities(result.weights);
    expect(drawn.isUniform).toBe(uniform_fallback);
    expectClose(drawn.probabilities, probabilities);
    const { uncertain, consolidated, regressed } = result.terms;
    expectClose(
      result.weights.map((_, row) => uncertain[row]! + consolidated[row]! + regressed[row]!),
      weights,
    );
  });

  it.each(fixture.adaboost_invalid)('refuses: $name', ({ H0, H1, alpha, beta, gamma }) => {
    const weigh = () =>
      discrepancyWeights(Float64Array.from(H0, Number), Float64Array.from(H1, Number), {
        alpha,
        beta,
        gamma: Number(gamma),
      });
    expect(weigh).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(entropy|curriculum)-invalid$/) }),
    );
  });

  it('names the row and the model', () => {
    const weigh = () =>
      discrepancyWeights(Float64Array.of(1, 2, 3), Float64Array.of(1, 2, Number.NaN), {
        alpha: 1,
        beta: 0,
        gamma: 0,
      });
    expect(weigh).toThrow('entropy1, row 3: the entropy is NaN');
  });
});

describe('resampling', () => {
  it.each(fixture.choice)('seed $seed draws the reference’s $size rows (case $case)', (known) => {
    const { H0, H1, alpha, beta, gamma } = fixture.adaboost[known.case]!;
    const { weights } = discrepancyWeights(Float64Array.from(H0), Float64Array.from(H1), {
      alpha,
      beta,
      gamma,
    });
    const drawn = resample(weights, (known.size + 0.5) / known.n, known.seed);
    expect(drawn.size).toBe(known.size);
    expect([...drawn.indices]).toEqual(known.indices);
  });

  it('refuses multipliers that draw nothing', () => {
    for (const multiplier of [0, 0.2, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => resample(Float64Array.of(0.5, 0.5), multiplier, 42)).toThrow(
        expect.objectContaining({ code: 'curriculum-invalid' }),
      );
    }
  });
});

describe('brownboost weights', () => {
  it.each(fixture.brownboost)('$H0.length samples', ({ H0, H1, H2, parameters: p, expected }) => {
    const result = brownboostWeights(
      [Float64Array.from(H0), Float64Array.from(H1), Float64Array.from(H2)],
      {
        alpha: p.alpha,
        beta: p.beta,
        gamma: p.gamma,
        easyQuantile: p.easy_quantile,
        hardQuantile: p.hard_quantile,
        patience: p.patience,
        easyPatience: p.easy_patience,
        lambdaTime: p.lambda_time,
        lambdaEasy: p.lambda_easy,
      },
    );
    expectClose(
      [result.easyThreshold, result.hardThreshold, result.improvementDeviation],
      [expected.easy_threshold, expected.hard_threshold, expected.improve_std],
    );
    expectClose(result.difficulty, expected.difficulty);
    expectClose(result.improvement, expected.improve);
    expectClose(result.trend, expected.trend);
    expect([...result.hardRounds]).toEqual(expected.hard_rounds);
    expectClose(result.timePenalty, expected.time_penalty);
    expect([...result.easyRounds]).toEqual(expected.easy_rounds);
    expectClose(result.easyPenalty, expected.easy_penalty);
    expectClose(result.raw, expected.raw);
    expectClose(result.weights, expected.weights);
  });

  it('refuses quantiles out of order', () => {
    const one = Float64Array.of(1);
    const parameters = {
      alpha: 1,
      beta: 1,
      gamma: 1,
      easyQuantile: 0.8,
      hardQuantile: 0.2,
      patience: 2,
      easyPatience: 2,
      lambdaTime: 1,
      lambdaEasy: 1,
    };
    expect(() => brownboostWeights([one, one, one], parameters)).toThrow('not in order');
  });
});

describe('entropy tables', () => {
  const base = {
    name: 'base.jsonl',
    rows: [
      { id: 'a', entropy: 1 },
      { id: 2, entropy: 3 },
    ],
  };
  const with1 = (...rows: { id: string | number; entropy: number }[]) =>
    alignEntropies([base, { name: 'm1.jsonl', rows }]);

  it('are brought into the order of the first', () => {
    const aligned = with1({ id: 2, entropy: 0.5 }, { id: 'a', entropy: 0.25 });
    expect(aligned.ids).toEqual(['a', 2]);
    expect(aligned.entropies).toEqual([Float64Array.of(1, 3), Float64Array.of(0.25, 0.5)]);
  });

  it.each([
    [[{ id: 'a', entropy: 1 }], 'base.jsonl, row 2: the id 2 is missing in m1.jsonl'],
    [
      [
        { id: 'a', entropy: 1 },
        { id: '2', entropy: 1 },
      ],
      'base.jsonl, row 2: the id 2 is missing in m1.jsonl',
    ],
    [
      [
        { id: 2, entropy: 1 },
        { id: 'a', entropy: 1 },
        { id: 'b', entropy: 1 },
      ],
      'm1.jsonl, row 3: the id "b" is missing in base.jsonl',
    ],
    [
      [
        { id: 'a', entropy: 1 },
        { id: 'a', entropy: 1 },
      ],
      'm1.jsonl, row 2: the id "a" is there twice',
    ],
    [
      [
        { id: 2, entropy: -0.5 },
        { id: 'a', entropy: 1 },
      ],
      'm1.jsonl, row 1 (id 2): the entropy is -0.5',
    ],
  ])('name the row that does not fit: %j', (rows, message) => {
    expect(() => with1(...rows)).toThrow(
      expect.objectContaining({
        code: 'entropy-invalid',
        message: expect.stringContaining(message),
      }),
    );
  });

  it('must not be empty', () => {
    expect(() => alignEntropies([])).toThrow('no entropies were given');
    expect(() => alignEntropies([{ name: 'a', rows: [] }])).toThrow('there are no rows');
  });
});

describe('outlook', () => {
  it('of equal probabilities is the number of rows, of a single one is 1', () => {
    const equal = curriculumOutlook(new Float64Array(50).fill(1 / 50), 50);
    expect(equal.effectiveSampleSize).toBeCloseTo(50, 10);
    expect(equal.neverDrawn).toBeCloseTo(0.98 ** 50, 12);
    expect(equal.expectedDistinct).toBeCloseTo(50 * (1 - 0.98 ** 50), 10);
    expect(equal.mostDraws).toBeCloseTo(1, 12);
    const single = curriculumOutlook(Float64Array.of(0, 1, 0), 7);
    expect(single).toEqual({
      effectiveSampleSize: 1,
      expectedDistinct: 1,
      neverDrawn: 2 / 3,
      mostDraws: 7,
    });
  });

  it('agrees with actual draws', () => {
    const { H0, H1 } = fixture.adaboost[36]!;
    const { weights, terms } = discrepancyWeights(Float64Array.from(H0), Float64Array.from(H1), {
      alpha: 0.1,
      beta: 0.8,
      gamma: 0.1,
    });
    let distinct = 0;
    for (let seed = 0; seed < 400; seed++) {
      distinct += new Set(resample(weights, 1, seed).indices).size;
    }
    const { probabilities } = samplingProbabilities(weights);
    expect(
      Math.abs(distinct / 400 - curriculumOutlook(probabilities, 64).expectedDistinct),
    ).toBeLessThan(0.5);
    const shares = termShares(terms);
    expect(shares.uncertain + shares.consolidated + shares.regressed).toBeCloseTo(1, 12);
    expect(shares.consolidated).toBeGreaterThan(shares.uncertain);
  });

  it('has no shares without weight', () => {
    expect(termShares({ a: Float64Array.of(0), b: Float64Array.of(0) })).toEqual({ a: 0, b: 0 });
  });
});

describe('the preview of a configured curriculum', () => {
  const config = curriculumSchema.parse({});
  const { H0, H1, H2, expected } = fixture.brownboost.at(-1)!;
  const entropies = [H0, H1, H2].map((values) => Float64Array.from(values));

  it('shows the draws of the run and what they come from', () => {
    const preview = previewCurriculum(entropies.slice(0, 2), config);
    const { weights } = curriculumWeights(entropies.slice(0, 2), config);
    const drawn = new Uint32Array(64);
    for (const row of resample(weights, 1, 42).indices) drawn[row]!++;
    expect(preview.drawn).toEqual(drawn);
    expect(preview.size).toBe(64);
    expect(preview.neverDrawn).toBe([...drawn].filter((count) => count === 0).length);
    expect(preview.warnings).toEqual([]);
    // Entropy fell everywhere, so alpha has its tenth, beta the rest, gamma nothing.
    expectClose(preview.termShares, [0.1 / 0.9, 0.8 / 0.9, 0]);
    expect(new Set(preview.dominantTerm)).toEqual(new Set([1]));
  });

  it('weighs by brownboost as well', () => {
    const preview = previewCurriculum(entropies, { ...config, scheme: 'brownboost' });
    expectClose(preview.weights, expected.weights);
    expect(preview.termShares.every((share) => share > 0)).toBe(true);
  });

  it('takes every sample as equally likely where the control is wanted', () => {
    const preview = previewCurriculum(entropies.slice(0, 2), { ...config, scheme: 'uniform' });
    expectClose(
      preview.weights,
      Array.from({ length: 64 }, () => 1 / 64),
    );
    expect(preview.effectiveSampleSize).toBeCloseTo(64, 10);
    expect(preview.termShares).toEqual([0, 0, 0]);
    expect(preview.warnings).toEqual([]);
  });

  it('warns when all weights are 0', () => {
    const zero = new Float64Array(3);
    const preview = previewCurriculum([zero, zero], config);
    expect(preview.warnings).toHaveLength(1);
    expectClose(preview.weights, [1 / 3, 1 / 3, 1 / 3]);
    expect(preview.effectiveSampleSize).toBeCloseTo(3, 12);
  });

  it('needs the entropies that its scheme uses', () => {
    const brownboost = { ...config, scheme: 'brownboost' as const };
    expect(() => curriculumWeights(entropies.slice(0, 2), brownboost)).toThrow('of 3 models');
    expect(() => curriculumWeights(entropies.slice(0, 1), config)).toThrow('of 2 models');
  });
});
