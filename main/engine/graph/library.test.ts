import { describe, expect, it } from 'vitest';
import { island } from './island.ts';
import { argument, callFunction, Library, type GraphFunction } from './library.ts';
import { add, exp, multiply } from './ops/elementwise.ts';
import { Program } from './program.ts';
import { Scope, type Value } from './scope.ts';

const placement = { islands: 'xla', functions: 'plain' } as const;

function define(
  library: Library,
  shape: number[],
  body: (x: Value) => Value,
  { label = 'body', xla = false } = {},
): GraphFunction {
  const scope = new Scope('function', library);
  const x = argument(scope, { dtype: 'f32', shape });
  return library.add(label, { inputs: [x], outputs: [body(x)] }, xla);
}

describe('functions of a library', () => {
  const twice = (x: Value): Value => multiply(x, 2);

  it('with the same content are one', () => {
    const library = new Library(placement);
    expect(define(library, [2, 3], twice)).toBe(define(library, [2, 3], twice));
    expect(library.functions.size).toBe(1);
  });

  it('with other content, shapes, constants or placement are others', () => {
    const library = new Library(placement);
    define(library, [2, 3], twice);
    define(library, [3, 2], twice);
    define(library, [2, 3], (x) => multiply(x, 3));
    define(library, [2, 3], exp);
    define(library, [2, 3], twice, { xla: true });
    expect(library.functions.size).toBe(5);
  });

  it('do not grow in number with the calls of one island', () => {
    const program = new Program(placement);
    let x = program.placeholder('f32', [4]);
    for (let layer = 0; layer < 10; layer++)
      [x] = island('chain', [x], ([v]) => [exp(v!)]) as [Value];
    expect(program.library.functions.size).toBe(1);
  });

  it('leave out what does not lead to their outputs', () => {
    const library = new Library(placement);
    const plain = define(library, [2], twice);
    const other = define(library, [2], (x) => {
      exp(x);
      return twice(x);
    });
    const nodes = (f: GraphFunction) => (f.message as { node_def: { op: string }[] }).node_def;
    expect(nodes(other).map((node) => node.op)).toEqual(nodes(plain).map((node) => node.op));
  });

  it('refuse arguments of another shape or type, and too few', () => {
    const program = new Program(placement);
    const callee = define(program.library, [2, 3], twice);
    const call = (inputs: Value[]) => () => callFunction(program.main, callee, inputs);
    expect(call([program.placeholder('f32', [3, 2])])).toThrow(
      /^body_\w+, input 0: f32 \[3,2\] instead of f32 \[2,3\]$/,
    );
    expect(call([program.placeholder('i32', [2, 3])])).toThrow('i32 [2,3] instead of f32 [2,3]');
    expect(call([])).toThrow('instead of f32 [2,3]');
  });

  it('refuse a body that reads an argument which is not among the inputs', () => {
    const library = new Library(placement);
    const scope = new Scope('function', library);
    const [x, y] = [0, 1].map(() => argument(scope, { dtype: 'f32', shape: [2] }));
    expect(() => library.add('open', { inputs: [x!], outputs: [add(x!, y!)] }, false)).toThrow(
      'is not among the inputs',
    );
  });
});

describe('a program', () => {
  it('refuses variables that cannot be transferred or exist already', () => {
    const program = new Program(placement);
    program.variable('w', { dtype: 'f32', shape: [2] }, 'g');
    expect(() => program.variable('w', { dtype: 'f32', shape: [2] }, 'g')).toThrow("'w' exists");
    expect(() => program.variable('s', { dtype: 'f32', shape: [] }, 'g')).toThrow("'s' of f32 []");
    // bf16 crosses in pairs.
    expect(() => program.variable('b', { dtype: 'bf16', shape: [2, 3] }, 'g')).toThrow(
      "'b' of bf16 [2,3] cannot be transferred",
    );
  });

  it('refuses a second entry of one name', () => {
    const program = new Program(placement);
    const x = program.placeholder('f32', [2]);
    program.entry('run', { x }, { y: exp(x) });
    expect(() => program.entry('run', { x }, { y: exp(x) })).toThrow("entry 'run' exists");
  });
});
