import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const launcher = join(
  dirname(fileURLToPath(import.meta.url)),
  '../../../resources/setup/launch.mjs',
);

function doctor(...args: string[]) {
  return spawnSync(process.execPath, [launcher, 'doctor', ...args], { encoding: 'utf8' });
}

describe('wds doctor', () => {
  it('prints one JSON document, and nothing that TensorFlow logs', () => {
    const { status, stdout, stderr } = doctor('--json');
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      error: null,
      node: process.versions.node,
      runtime: { tensorflow: '2.21.0' },
      loadSeconds: expect.any(Number) as number,
    });
  });

  it('prints a table', () => {
    const { status, stdout } = doctor();
    expect(status).toBe(0);
    expect(stdout).toMatch(/^TensorFlow +2\.21\.0, (CPU|CUDA) build$/m);
    expect(stdout).toMatch(/^Code tasks +(run in bubblewrap \d|No sandbox for code tasks: )/m);
    expect(stdout).toMatch(/^ +loads and computes in \d+\.\d s$/m);
  });
});
