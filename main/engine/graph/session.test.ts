import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { random } from '../../fixtures/operation-check.ts';
import { readFloats } from '../../fixtures/reference-model.ts';
import { scalar } from './ops/constant.ts';
import { add, exp } from './ops/elementwise.ts';
import { addToVariable } from './ops/variable.ts';
import { broadcastTo } from './ops/shape.ts';
import { Program } from './program.ts';
import { openSession, type Session } from './session.ts';
import { groupBytes } from './transfer.ts';

/** One row more than a group holds, in rows of 4,096 bf16 numbers. */
const largeRows = groupBytes / (4096 * 2) + 1;

let session: Session;
beforeAll(async () => {
  const program = new Program({ islands: 'plain', functions: 'plain' });
  const first = program.variable('first', { dtype: 'f32', shape: [3, 2] }, 'small');
  program.variable('second', { dtype: 'bf16', shape: [2, 4] }, 'small');
  program.variable('third', { dtype: 'i32', shape: [5] }, 'small');
  program.variable('large', { dtype: 'bf16', shape: [largeRows, 4096] }, 'large');
  program.variable('beside', { dtype: 'f32', shape: [2] }, 'large');
  const one = broadcastTo(scalar(program.main, 'f32', 1), [3, 2]);
  program.entry('add one', {}, {}, [addToVariable(first.handle, one)]);
  const x = program.placeholder('f32', [2, 2]);
  const y = program.placeholder('f32', []);
  program.entry('compute', { x, y }, { z: exp(add(x, y)) });
  session = await openSession(program);
});
afterAll(() => session.close());

const bytesOf = (content: Float32Array | Int32Array | Uint16Array): Uint8Array =>
  new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
const read = (variable: string): Buffer => Buffer.concat([...session.read(variable)]);

/** In pieces of odd sizes that fall between elements and rows. */
function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let begin = 0; begin < bytes.length; begin += size)
    yield bytes.subarray(begin, begin + size);
}

const first = Float32Array.from(random([3, 2], 1).data);
const second = Uint16Array.of(0x3f80, 0xbf80, 0x7f80, 0x0001, 0x8000, 0x4049, 0x7fc1, 0xff7f);
const third = Int32Array.of(1, -1, 2 ** 31 - 1, -(2 ** 31), 7);

function loadSmall(): void {
  session.load([
    { variable: 'first', pieces: pieces(bytesOf(first), 5) },
    { variable: 'second', pieces: pieces(bytesOf(second), 3) },
    { variable: 'third', pieces: [bytesOf(third)] },
  ]);
}

describe('variables of a session', () => {
  it('come back bit for bit, f32, bf16 and i32 in one group', () => {
    loadSmall();
    expect(read('first')).toEqual(Buffer.from(bytesOf(first)));
    expect(read('second')).toEqual(Buffer.from(bytesOf(second)));
    expect(read('third')).toEqual(Buffer.from(bytesOf(third)));
    expect(read('first'), 'a second time, out of order').toEqual(Buffer.from(bytesOf(first)));
  });

  it('are read as they are now, also after a call that changed them', () => {
    loadSmall();
    read('second');
    session.call('add one');
    expect(readFloats(session, 'first')).toEqual(first.map((x) => x + 1));
  });

  it('that are larger than a group travel in slices of rows, bit for bit', () => {
    const content = new Uint16Array(largeRows * 4096);
    // Finite numbers, different in every row.
    for (let i = 0; i < content.length; i++) content[i] = (i * 31 + (i >>> 12)) & 0x3fff;
    const source = pieces(bytesOf(content), 10_000_019);
    const beside = { variable: 'beside', pieces: [bytesOf(Float32Array.of(1, 2))] };
    session.load([{ variable: 'large', pieces: source }, beside]);
    const back = [...session.read('large')];
    expect(back.length).toBe(2);
    expect(Buffer.concat(back).equals(bytesOf(content))).toBe(true);
    expect([...readFloats(session, 'beside')]).toEqual([1, 2]);
    const rows = content.length / 4096;
    const short = bytesOf(content).subarray(0, (rows - 1) * 8192);
    expect(() => session.load([{ variable: 'large', pieces: pieces(short, 2 ** 24) }])).toThrow(
      `'large' has ${rows * 8192} bytes, not ${(rows - 1) * 8192}`,
    );
    const odd = bytesOf(content).subarray(0, rows * 8192 - 2);
    expect(() => session.load([{ variable: 'large', pieces: pieces(odd, 2 ** 24) }])).toThrow(
      `'large' has ${rows * 8192} bytes, not ${rows * 8192 - 2}`,
    );
  });

  it('are set to zero by group', () => {
    loadSmall();
    session.zero('small');
    for (const name of ['first', 'second', 'third']) {
      expect(
        read(name).every((byte) => byte === 0),
        name,
      ).toBe(true);
    }
  });

  it.each([
    ['too few', 20],
    ['too many', 28],
  ])('refuse %s bytes', (_, count) => {
    const source = { variable: 'first', pieces: [new Uint8Array(count)] };
    expect(() => session.load([source])).toThrow(`'first' has 24 bytes, not ${count}`);
  });

  it('that are not there are refused by name', () => {
    expect(() => session.load([{ variable: 'none', pieces: [] }])).toThrow("no variable 'none'");
    expect(() => [...session.read('none')]).toThrow("no variable 'none'");
  });
});

describe('a call', () => {
  const x = Float32Array.of(0, 1, -1, 2);

  it('feeds arrays and numbers and fetches arrays', () => {
    const { z } = session.call('compute', { x, y: 0.5 });
    x.forEach((value, i) => expect(z![i]).toBeCloseTo(Math.exp(value + 0.5), 4));
  });

  it('says which feed is missing or has the wrong size', () => {
    expect(() => session.call('compute', { x })).toThrow("the call feeds no 'y'");
    expect(() => session.call('compute', { x: x.slice(1), y: 0 })).toThrow(
      "'x' is [2,2] but 3 numbers were fed",
    );
  });

  it('of an entry that is not there is refused by name', () => {
    expect(() => session.call('nothing')).toThrow("no entry 'nothing'");
  });
});
