import { afterAll, expect, it } from 'vitest';
import { largestDifference } from '../../fixtures/deviation.ts';
import { random } from '../../fixtures/operation-check.ts';
import { gradients } from './differentiate.ts';
import { island } from './island.ts';
import { add, exp, multiply } from './ops/elementwise.ts';
import { matmul } from './ops/matmul.ts';
import { Program } from './program.ts';
import { recomputed, type CallOrder } from './recomputed.ts';
import type { Value } from './scope.ts';
import { openSession, type Session } from './session.ts';

const open: Session[] = [];
afterAll(() => open.forEach((session) => session.close()));

function part([x, w]: Value[]): Value {
  const [weights] = island('weights', [matmul(x!, w!)], ([p]) => [exp(multiply(p!, 0.1))]);
  return matmul(weights!, w!, false, true);
}

/** Two parts on the same weights; the gradients of x and w, and how many calls are ordered. */
async function results(apart: boolean) {
  const program = new Program({ islands: 'xla', functions: 'plain' });
  const x = program.placeholder('f32', [4, 3]);
  const w = program.placeholder('f32', [3, 3]);
  const seed = program.placeholder('f32', [4, 3]);
  const order: CallOrder = { forward: [], backward: [] };
  const once = (input: Value): Value =>
    apart ? recomputed('part', [input, w], part, order) : part([input, w]);
  const output = add(once(x), once(multiply(x, 2)));
  const [dx, dw] = gradients([output], [seed], [x, w]);
  program.entry('all', { x, w, seed }, { output, dx: dx!, dw: dw! });
  const session = await openSession(program);
  open.push(session);
  const calls = program.main.nodes.filter(({ op }) => op === 'StatefulPartitionedCall');
  const feeds = [x, w, seed].map((_, index) =>
    Float32Array.from(random([index === 1 ? 3 : 4, 3], index + 1).data),
  );
  const found = session.call('all', { x: feeds[0]!, w: feeds[1]!, seed: feeds[2]! });
  return { found, ordered: calls.filter(({ control }) => control.length > 0).length };
}

it('gives the same output and gradients, its calls one after another', async () => {
  const plain = await results(false);
  const apart = await results(true);
  for (const name of ['output', 'dx', 'dw']) {
    expect(largestDifference(apart.found[name]!, plain.found[name]!), name).toBeLessThan(2e-6);
  }
  expect(apart.found['dw']!.some((value) => value !== 0)).toBe(true);
  expect([plain.ordered, apart.ordered]).toEqual([0, 2]);
});
