import { describe, expect, it } from 'vitest';
import { largestDifference } from '../../fixtures/deviation.ts';
import { random } from '../../fixtures/operation-check.ts';
import { readFloats } from '../../fixtures/reference-model.ts';
import { defineDifferentiable, gradients, type DifferentiableFunction } from './differentiate.ts';
import { island } from './island.ts';
import { callFunction } from './library.ts';
import { add, cast, exp, multiply, sigmoid } from './ops/elementwise.ts';
import { matmul } from './ops/matmul.ts';
import { readVariable } from './ops/variable.ts';
import { Program } from './program.ts';
import type { Value } from './scope.ts';
import { openSession, type Session } from './session.ts';

const weightSpec = { dtype: 'f32', shape: [3, 3] } as const;
const x = Float32Array.from(random([4, 3], 1).data);
const w = Float32Array.from(random([3, 3], 2).data);
const seed = Float32Array.from(random([4, 3], 3).data);

function body(input: Value, weight: Value): Value {
  const product = matmul(input, weight);
  const [gated] = island('gate', [product], ([p]) => [multiply(p!, sigmoid(p!))]);
  return add(matmul(gated!, weight, false, true), input);
}

function define(program: Program, recompute: 'all' | 'cheap'): DifferentiableFunction {
  const resource = { dtype: 'resource', shape: [] } as const;
  return defineDifferentiable(
    program.library,
    'block',
    [{ dtype: 'f32', shape: [4, 3] }, resource, resource],
    ([input, handle, gradient]) => {
      const read = readVariable(handle!, weightSpec);
      return {
        outputs: [body(input!, read)],
        wanted: [input!],
        weights: [{ read, gradient: gradient!, dtype: 'f32' }],
      };
    },
    { recompute },
  );
}

/** Forward and backward through the functions, and the same through the main graph itself. */
function build(recompute: 'all' | 'cheap') {
  const program = new Program({ islands: 'xla', functions: 'plain' });
  const block = define(program, recompute);
  const weight = program.variable('weight', weightSpec, 'weights');
  const gradient = program.variable('gradient', weightSpec, 'gradients');
  const inputs = {
    x: program.placeholder('f32', [4, 3]),
    seed: program.placeholder('f32', [4, 3]),
  };
  const args = [inputs.x, weight.handle, gradient.handle];
  const [output, ...saved] = callFunction(program.main, block.forwardSaving, args).outputs;
  const back = callFunction(program.main, block.backward('add'), [...args, ...saved, inputs.seed]);
  program.entry('split', inputs, { y: output!, dx: back.outputs[0]! }, [back]);
  const [plainForward] = callFunction(program.main, block.forward, args).outputs;
  program.entry('forward', { x: inputs.x }, { y: plainForward! });
  const read = readVariable(weight.handle, weight);
  const y = body(inputs.x, read);
  const [dx, dw] = gradients([y], [inputs.seed], [inputs.x, read]);
  program.entry('direct', inputs, { y, dx: dx!, dw: dw! });
  return { program, block };
}

async function open(program: Program): Promise<Session> {
  const session = await openSession(program);
  session.load([{ variable: 'weight', pieces: [new Uint8Array(w.buffer)] }]);
  session.zero('gradients');
  return session;
}

describe('a function split into forward and backward', () => {
  it.each(['all', 'cheap'] as const)(
    'gives the direct gradients, recomputing %s',
    async (recompute) => {
      const session = await open(build(recompute).program);
      const direct = session.call('direct', { x, seed });
      for (const calls of [1, 2]) {
        const split = session.call('split', { x, seed });
        expect(largestDifference(split['y']!, direct['y']!)).toBeLessThan(1e-6);
        expect(largestDifference(split['dx']!, direct['dx']!)).toBeLessThan(1e-6);
        // Each backward call adds to the weight's gradient.
        const sum = direct['dw']!.map((value) => value * calls);
        expect(largestDifference(readFloats(session, 'gradient'), sum)).toBeLessThan(2e-6);
      }
      expect(session.call('forward', { x })['y']).toEqual(session.call('split', { x, seed })['y']);
      session.close();
    },
  );

  it('saves nothing where it recomputes everything, and little where it does not', () => {
    const saved = (recompute: 'all' | 'cheap'): number =>
      build(recompute).block.forwardSaving.outputs.length - 1;
    expect(saved('all')).toBe(0);
    expect(saved('cheap')).toBeGreaterThan(0);
    // The product (for the island's gradient) and the island's output (for the weight's).
    expect(saved('cheap')).toBeLessThanOrEqual(2);
  });

  it('refuses to give the gradient of what nothing depends on', () => {
    const program = new Program({ islands: 'plain', functions: 'plain' });
    const spec = { dtype: 'f32', shape: [2] } as const;
    const unused = (inputs: Value[]) => ({
      outputs: [exp(inputs[0]!)],
      wanted: [inputs[1]!],
      weights: [],
    });
    const options = { recompute: 'all' } as const;
    expect(() =>
      defineDifferentiable(program.library, 'lonely', [spec, spec], unused, options),
    ).toThrow('lonely: nothing depends on argument');
  });
});

describe('gradients', () => {
  it('are summed over every use and null where nothing depends on the value', async () => {
    const program = new Program({ islands: 'plain', functions: 'plain' });
    const a = program.placeholder('f32', [2]);
    const b = program.placeholder('f32', [2]);
    const n = program.placeholder('i32', [2]);
    const ones = program.placeholder('f32', [2]);
    const y = add(add(multiply(a, a), multiply(a, 3)), cast(n, 'f32'));
    const [da, db, dn] = gradients([y, a], [ones, ones], [a, b, n]);
    expect([db, dn]).toEqual([null, null]);
    program.entry('gradient', { a, ones }, { da: da! });
    const session = await openSession(program);
    const feeds = { a: Float32Array.of(2, -1), ones: Float32Array.of(1, 1) };
    expect([...session.call('gradient', feeds)['da']!]).toEqual([2 * 2 + 3 + 1, -2 + 3 + 1]);
    session.close();
  });
});
