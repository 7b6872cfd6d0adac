/**
 * Built-ins that libraries use and that the fallback runtime (Electron 22: Node 16, Chrome 108) does
 * not have yet. Imported first; where a built-in is there, core-js leaves it alone.
 */
import 'core-js/actual/array/to-reversed.js';
import 'core-js/actual/array/to-sorted.js';
import 'core-js/actual/array/to-spliced.js';
import 'core-js/actual/structured-clone.js';
import os from 'node:os';

// Node 18.14.
if (!('availableParallelism' in os)) {
  Object.assign(os, { availableParallelism: () => (os as { cpus(): unknown[] }).cpus().length });
}
