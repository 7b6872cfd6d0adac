import { beforeAll, describe, expect, it } from 'vitest';
import { island } from '../island.ts';
import { Program } from '../program.ts';
import { openSession, type Session } from '../session.ts';
import { dropoutMask, randomUniform } from './random.ts';

const count = 20_000;
const rate = 0.3;

describe.each(['plain', 'xla'] as const)('random numbers of a key, %s', (islands) => {
  let session: Session;
  beforeAll(async () => {
    const program = new Program({ islands, functions: 'plain' });
    const key = program.placeholder('i32', [2]);
    const [uniform, mask, otherMask] = island('random', [key], ([k]) => [
      randomUniform(k!, [count]),
      dropoutMask(k!, 0, [count], rate),
      dropoutMask(k!, 1, [count], rate),
    ]);
    program.entry('draw', { key }, { uniform: uniform!, mask: mask!, otherMask: otherMask! });
    session = await openSession(program);
    return () => session.close();
  });
  const draw = (a: number, b: number) => session.call('draw', { key: Int32Array.of(a, b) });
  const mean = (numbers: ArrayLike<number>): number =>
    Array.from(numbers).reduce((sum, x) => sum + x, 0) / numbers.length;

  it('are uniform in [0, 1)', () => {
    const uniform = draw(1, 2)['uniform']!;
    expect(uniform.every((x) => x >= 0 && x < 1)).toBe(true);
    expect(mean(uniform)).toBeCloseTo(0.5, 1);
    expect(mean(Array.from(uniform, (x) => x * x))).toBeCloseTo(1 / 3, 1);
  });

  it('are the same for the same key and others for another', () => {
    expect(draw(1, 2)).toEqual(draw(1, 2));
    expect(draw(1, 3)['uniform']).not.toEqual(draw(1, 2)['uniform']);
    expect(draw(2, 2)['uniform']).not.toEqual(draw(1, 2)['uniform']);
  });

  it('drop the given share and scale the rest', () => {
    const mask = draw(5, 6)['mask']!;
    expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
    expect(mean(mask)).toBeCloseTo(1, 1);
  });

  it('differ between the streams of one key', () => {
    const { mask, otherMask } = draw(5, 6);
    const equal = mask!.filter((x, i) => x === otherMask![i]).length / count;
    // Independent masks agree where both keep or both drop.
    expect(equal).toBeCloseTo(rate ** 2 + (1 - rate) ** 2, 1);
  });
});
