import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readFloats } from '../../../fixtures/reference-model.ts';
import { Program } from '../program.ts';
import { openSession, type Session } from '../session.ts';
import { gather, scatterAdd } from './gather.ts';
import {
  addToVariable, assignVariable, readVariable, releaseVariable, writeGradient,
} from './variable.ts'; // prettier-ignore

describe('variables', () => {
  let session: Session;
  beforeAll(async () => {
    const program = new Program({ islands: 'plain', functions: 'plain' });
    const table = program.variable('table', { dtype: 'f32', shape: [3, 2] }, 'all');
    const value = program.placeholder('f32', [3, 2]);
    const rows = program.placeholder('i32', [2]);
    const updates = program.placeholder('f32', [2, 2]);
    const { handle } = table;
    const set = assignVariable(handle, value);
    program.entry('set', { value }, {}, [set]);
    program.entry('add', { value }, {}, [addToVariable(handle, value)]);
    program.entry('gather', { rows }, { result: gather(readVariable(handle, table), rows) });
    const summed = scatterAdd(readVariable(handle, table), rows, updates);
    program.entry('scatter', { rows, updates }, {}, [assignVariable(handle, summed)]);
    program.entry('set gradient', { value }, {}, [writeGradient('set', handle, value)]);
    program.entry('add gradient', { value }, {}, [writeGradient('add', handle, value)]);
    program.entry('release', {}, {}, [releaseVariable(handle, [])]);
    const added = addToVariable(handle, value, [assignVariable(handle, value)]);
    program.entry('set, add, read', { value }, { result: readVariable(handle, table, [added]) });
    session = await openSession(program);
    return () => session.close();
  });
  beforeEach(() => {
    session.call('set', { value: Float32Array.of(1, 2, 3, 4, 5, 6) });
  });
  const content = () => [...readFloats(session, 'table')];

  it('keep what is assigned, between calls', () => {
    expect(content()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('are added to', () => {
    session.call('add', { value: Float32Array.of(1, 1, 1, 0, 0, -6) });
    session.call('add', { value: Float32Array.of(1, 1, 1, 0, 0, 0) });
    expect(content()).toEqual([3, 4, 5, 4, 5, 0]);
  });

  it('take a gradient by setting or adding it', () => {
    session.call('set gradient', { value: Float32Array.of(1, 0, 0, 0, 0, 2) });
    session.call('add gradient', { value: Float32Array.of(1, 1, 0, 0, 0, 2) });
    expect(content()).toEqual([2, 1, 0, 0, 0, 4]);
  });

  it('once released cannot be read until they are set again', () => {
    session.call('release');
    session.call('release');
    expect(content).toThrow(/uninitialized|does not exist/i);
    session.call('set gradient', { value: Float32Array.of(6, 5, 4, 3, 2, 1) });
    expect(content()).toEqual([6, 5, 4, 3, 2, 1]);
  });

  it('give rows, repeated ones too', () => {
    const { result } = session.call('gather', { rows: Int32Array.of(2, 2) });
    expect([...result!]).toEqual([5, 6, 5, 6]);
  });

  it('take sums into rows', () => {
    const updates = Float32Array.of(10, 20, 30, 40);
    session.call('scatter', { rows: Int32Array.of(2, 0), updates });
    expect(content()).toEqual([31, 42, 3, 4, 15, 26]);
  });

  it('are written and read in the order that control edges give', () => {
    const { result } = session.call('set, add, read', { value: Float32Array.of(1, 0, 2, 0, 3, 0) });
    expect([...result!]).toEqual([2, 0, 4, 0, 6, 0]);
  });

  it('refuse rows that are not there', () => {
    expect(() => session.call('gather', { rows: Int32Array.of(0, 3) })).toThrow(/not in \[0, 3\)/);
  });
});
