/** The memory of tensors (tensor_memory.h): it holds what it is given, and not more than its peak. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { findCompiler } from './machine.mjs';

test('random tensors keep their content and take at most 10 % more than is in use at once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tensor-memory-'));
  try {
    const source = fileURLToPath(new URL('tensor_memory_check.cc', import.meta.url));
    const program = join(folder, 'check');
    execFileSync(findCompiler()!, ['-O2', '-std=c++17', '-Wall', '-Werror', source, '-o', program]);
    const result = JSON.parse(execFileSync(program, { encoding: 'utf8' })) as {
      inUse: number;
      resident: number;
      overwritten: number;
    };
    expect(result.overwritten).toBe(0);
    expect(result.resident).toBeGreaterThan(0.9 * result.inUse);
    expect(result.resident).toBeLessThan(1.1 * result.inUse);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
