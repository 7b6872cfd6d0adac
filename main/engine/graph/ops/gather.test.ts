import { describe, expect, it } from 'vitest';
import {
  at,
  describeOperations,
  integers,
  random,
  tabulate,
} from '../../../fixtures/operation-check.ts';
import { Program } from '../program.ts';
import { openSession } from '../session.ts';
import { gather, segmentSum } from './gather.ts';

const places = [4, 0, 4, 2, 4];

describeOperations('rows by index', [
  {
    name: 'gather, some rows repeated, some left out',
    inputs: [random([5, 3], 1), integers([5], places)],
    graph: (table, rows) => gather(table!, rows!),
    reference: (table) => tabulate([5, 3], (i, j) => at(table!, places[i!]!, j!)),
  },
  {
    name: 'gather from a table of matrices',
    inputs: [random([3, 2, 2], 2), integers([2], [2, 2])],
    graph: (table, rows) => gather(table!, rows!),
    reference: (table) => tabulate([2, 2, 2], (_, j, k) => at(table!, 2, j!, k!)),
  },
  {
    name: 'sum of segments, one of them empty',
    inputs: [random([5, 3], 3), integers([5], places)],
    graph: (rows, segments) => segmentSum(rows!, segments!, 6),
    reference: (rows) =>
      tabulate([6, 3], (segment, j) =>
        places.reduce((sum, place, i) => sum + (place === segment ? at(rows!, i, j!) : 0), 0),
      ),
  },
]);

describe('gather', () => {
  it('of a row that is not there is an error', async () => {
    const program = new Program({ islands: 'plain', functions: 'plain' });
    const table = program.placeholder('f32', [3, 2]);
    const rows = program.placeholder('i32', [1]);
    program.entry('gather', { table, rows }, { result: gather(table, rows) });
    const session = await openSession(program);
    const feeds = { table: new Float32Array(6), rows: Int32Array.of(3) };
    expect(() => session.call('gather', feeds)).toThrow(/not in \[0, 3\)/);
    session.close();
  });
});
