/**
 * A process for variable-memory.test.ts: loads a variable of 200 MB in slices, uses one row of it, and
 * prints how much the process then takes and how much more it took at its peak meanwhile, in bytes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { indices } from './ops/constant.ts';
import { cast } from './ops/elementwise.ts';
import { gather } from './ops/gather.ts';
import { readVariable } from './ops/variable.ts';
import { Program } from './program.ts';
import { openSession } from './session.ts';

const status = (field: string): number => {
  const text = readFileSync('/proc/self/status', 'utf8');
  return 1024 * Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)![1]);
};

const rows = 200;
const rowBytes = 1e6;
const program = new Program({ islands: 'plain', functions: 'plain' });
const table = program.variable('table', { dtype: 'bf16', shape: [rows, rowBytes / 2] }, 'all');
const first = gather(readVariable(table.handle, table), indices(program.main, [0]));
program.entry('first row', {}, { row: cast(first, 'f32') });
const session = await openSession(program);
const before = status('VmRSS');
session.load([{ variable: 'table', pieces: Array.from({ length: rows }, () => new Uint8Array(rowBytes)) }]); // prettier-ignore
const resident = status('VmRSS');
writeFileSync('/proc/self/clear_refs', '5');
session.call('first row');
process.stdout.write(
  JSON.stringify({ taken: resident - before, more: status('VmHWM') - resident }),
);
session.close();
