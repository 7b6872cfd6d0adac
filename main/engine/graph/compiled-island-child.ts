/**
 * A process for xla.test.ts: runs one island with the placement of its argument and prints the
 * result. What TensorFlow says on stderr tells whether XLA compiled it.
 */
import { island } from './island.ts';
import { exp, multiply } from './ops/elementwise.ts';
import { Program } from './program.ts';
import { openSession } from './session.ts';

const islands = process.argv[2] as 'xla' | 'plain';
const program = new Program({ islands, functions: 'plain' });
const x = program.placeholder('f32', [3]);
const [y] = island('chain', [x], ([value]) => [multiply(exp(value!), 2)]);
program.entry('run', { x }, { y: y! });
const session = await openSession(program);
const result = session.call('run', { x: Float32Array.of(0, 0, 0) });
process.stdout.write(JSON.stringify([...result['y']!]));
session.close();
