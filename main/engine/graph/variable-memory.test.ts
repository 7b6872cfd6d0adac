/** A variable is in memory once, however it was filled, and using it copies nothing. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test.skipIf(process.platform !== 'linux')('200 MB loaded in slices take 200 MB', () => {
  const child = fileURLToPath(new URL('variable-memory-child.ts', import.meta.url));
  // Our allocator keeps what was freed, as TensorFlow's does, and would hide a copy; it needs address
  // space. Without it and with this variable, freed memory goes back to the system.
  const limit = 'ulimit -v 67108864; exec "$@"';
  const command = ['sh', '-c', limit, 'sh', process.execPath, '--import', 'tsx', child] as const;
  const [program, ...args] = command;
  const output = execFileSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, TF_ONEDNN_USE_SYSTEM_ALLOCATOR: '1' },
  });
  const { taken, more } = JSON.parse(output) as { taken: number; more: number };
  // Beside the variable one slice of at most 96 MB may still be in JavaScript.
  expect(taken).toBeLessThan(400e6);
  expect(more).toBeLessThan(50e6);
});
