/** One update against the formula in double precision, over several steps, f32 and bf16. */
import { beforeAll, describe, expect, it } from 'vitest';
import { largestDifference, relativeDifference } from '../../fixtures/deviation.ts';
import { random } from '../../fixtures/operation-check.ts';
import { readFloats, readHalves } from '../../fixtures/reference-model.ts';
import { callFunction } from '../graph/library.ts';
import { Program } from '../graph/program.ts';
import { openSession, type Session } from '../graph/session.ts';
import { clippingFactor, defineAdamW, isDecayed, updatePlaceholders, updateScalarsAt } from './adamw.ts'; // prettier-ignore
import { defineSumsOfSquares } from './sums-of-squares.ts';

const optimizer = {
  learningRate: 0.1,
  betas: [0.9, 0.99] as [number, number],
  epsilon: 1e-8,
  weightDecay: 0.2,
  maxGradNorm: 1,
};
const shape = [4, 6];
const start = Float32Array.from(random(shape, 1).data);
const gradientsOfSteps = [2, 3, 4].map((seed) => Float32Array.from(random(shape, seed).data));
const parameters = { decayed: true, kept: false } as const;

/** The textbook form: m and v hatted by dividing, decay taken off first. */
function reference(
  decay: number,
  clips: readonly number[],
  rates: readonly number[],
): Float64Array {
  const p = Float64Array.from(start);
  const [m, v] = [new Float64Array(p.length), new Float64Array(p.length)];
  gradientsOfSteps.forEach((gradient, index) => {
    const step = index + 1;
    for (let i = 0; i < p.length; i++) {
      const g = gradient[i]! * clips[index]!;
      p[i]! -= rates[index]! * decay * p[i]!;
      m[i] = 0.9 * m[i]! + 0.1 * g;
      v[i] = 0.99 * v[i]! + 0.01 * g * g;
      const [mean, variance] = [m[i]! / (1 - 0.9 ** step), v[i]! / (1 - 0.99 ** step)];
      p[i]! -= (rates[index]! * mean) / (Math.sqrt(variance) + 1e-8);
    }
  });
  return p;
}

describe('AdamW', () => {
  let session: Session;
  beforeAll(async () => {
    const program = new Program({ islands: 'xla', functions: 'plain' });
    const scalars = updatePlaceholders(program);
    for (const dtype of ['f32', 'bf16'] as const) {
      for (const [name, decayed] of Object.entries(parameters)) {
        const prefix = `${name} ${dtype}`;
        const variable = program.variable(prefix, { dtype, shape }, prefix);
        const state = ['gradient', 'first', 'second'].map((kind) =>
          program.variable(`${prefix} ${kind}`, { dtype: 'f32', shape }, `${prefix} ${kind}`),
        );
        const specs = { parameter: variable, gradient: state[0]!, moment: state[1]! };
        const update = defineAdamW(program.library, specs, optimizer, decayed);
        const handles = [variable, ...state].map((one) => one.handle);
        const args = [...handles, ...Object.values(scalars)];
        const call = callFunction(program.main, update, args);
        program.entry(`${prefix} apply`, scalars, {}, [call]);
        const sum = defineSumsOfSquares(program.library, [state[0]!]);
        const squares = callFunction(program.main, sum, [state[0]!.handle]).outputs[0]!;
        program.entry(`${prefix} norm`, {}, { squares });
      }
    }
    session = await openSession(program);
    return () => session.close();
  });

  const bytes = (content: Float32Array): Uint8Array => new Uint8Array(content.buffer);
  const bfloat16 = (content: Float32Array): Uint8Array => {
    const words = new Uint32Array(content.buffer.slice(0));
    return new Uint8Array(Uint16Array.from(words, (bits) => bits >>> 16).buffer);
  };

  const rates = [0, 0.1, 0.05];
  const clips = [1, 0.25, 0.5];

  function train(prefix: string, content: Uint8Array): void {
    session.load([{ variable: prefix, pieces: [content] }]);
    for (const kind of ['first', 'second']) session.zero(`${prefix} ${kind}`);
    gradientsOfSteps.forEach((gradient, index) => {
      session.load([{ variable: `${prefix} gradient`, pieces: [bytes(gradient)] }]);
      const scalars = updateScalarsAt(index + 1, rates[index]!, clips[index]!, optimizer);
      session.call(`${prefix} apply`, { ...scalars });
    });
  }

  it.each([
    ['decayed', 0.2],
    ['kept', 0],
  ])('follows the formula, %s', (name, decay) => {
    train(`${name} f32`, bytes(start));
    const expected = reference(decay, clips, rates);
    expect(largestDifference(readFloats(session, `${name} f32`), expected)).toBeLessThan(1e-6);
  });

  it('rounds a parameter kept in bf16 after each update', () => {
    train('decayed bf16', bfloat16(start));
    const floats = readHalves(session, 'decayed bf16');
    // Cut to bf16 at the start and rounded twice: three times half a unit of numbers below 1, at most.
    expect(largestDifference(floats, reference(0.2, clips, rates))).toBeLessThan(3 * 2 ** -8);
    const moved = largestDifference(floats, start);
    expect(moved).toBeGreaterThan(0.05);
  });

  it('sums the squares of a gradient', () => {
    const gradient = gradientsOfSteps[0]!;
    session.load([{ variable: 'kept f32 gradient', pieces: [bytes(gradient)] }]);
    const { squares } = session.call('kept f32 norm');
    const expected = gradient.reduce((sum, value) => sum + value * value, 0);
    expect(relativeDifference(squares![0]!, expected)).toBeLessThan(1e-6);
  });
});

describe('around the update', () => {
  it('clips to the maximum norm as torch does', () => {
    expect(clippingFactor(0.5, 1)).toBe(1);
    expect(clippingFactor(4, 1)).toBe(1 / (4 + 1e-6));
    expect(clippingFactor(0, 1)).toBe(1);
  });

  it('decays matrices, embeddings and adapters, not norms', () => {
    expect(isDecayed('model.embed_tokens.weight')).toBe(true);
    expect(isDecayed('model.layers.0.self_attn.q_proj.lora_A')).toBe(true);
    expect(isDecayed('model.layers.0.mlp.up_proj.weight')).toBe(true);
    expect(isDecayed('model.layers.0.self_attn.q_norm.weight')).toBe(false);
    expect(isDecayed('model.layers.0.input_layernorm.weight')).toBe(false);
    expect(isDecayed('model.norm.weight')).toBe(false);
  });
});
