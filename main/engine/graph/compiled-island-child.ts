/**
 * A process for xla.test.ts: calls a function with one island in it, placed as the argument says, and
 * prints the result. What TensorFlow says on stderr tells whether XLA compiled it.
 */
import { island } from './island.ts';
import { argument, callFunction } from './library.ts';
import { exp, multiply } from './ops/elementwise.ts';
import { Program } from './program.ts';
import { Scope } from './scope.ts';
import { openSession } from './session.ts';

const islands = process.argv[2] as 'xla' | 'plain';
const program = new Program({ islands, functions: 'plain' });
const scope = new Scope('function', program.library);
const inputs = [argument(scope, { dtype: 'f32', shape: [3] })];
const outputs = island('chain', inputs, ([value]) => [multiply(exp(value!), 2)]);
const callee = program.library.add('around', { inputs, outputs }, false);
const x = program.placeholder('f32', [3]);
program.entry('run', { x }, { y: callFunction(program.main, callee, [x]).outputs[0]! });
const session = await openSession(program);
const result = session.call('run', { x: Float32Array.of(0, 0, 0) });
process.stdout.write(JSON.stringify([...result['y']!]));
session.close();
