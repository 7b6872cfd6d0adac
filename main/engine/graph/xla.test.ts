/**
 * `_XlaMustCompile` is silently ignored where it is put wrongly, and so are session options that are put
 * wrongly: TensorFlow's log is the proof.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

function runInChild(placement: 'xla' | 'plain') {
  const child = join(import.meta.dirname, 'compiled-island-child.ts');
  return spawnSync(process.execPath, ['--import', 'tsx', child, placement], {
    encoding: 'utf8',
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '0', TF_CPP_VMODULE: verbose, TF_XLA_FLAGS: '' },
  });
}

/** Source files that log what they do: Grappler, and what runs a graph. */
const verbose = 'meta_optimizer=1,executor=2';
const proof = 'Compiled cluster using XLA!';

describe('an island', () => {
  it('is compiled by XLA', () => {
    const { stdout, stderr } = runInChild('xla');
    expect(stdout).toBe('[2,2,2]');
    expect(stderr).toContain(proof);
  });

  it('is not where its placement is plain', () => {
    const { stdout, stderr } = runInChild('plain');
    expect(stdout).toBe('[2,2,2]');
    expect(stderr).not.toContain(proof);
  });
});

it('a session runs its graph and its functions as they are, without Grappler', () => {
  const { stderr } = runInChild('plain');
  expect(stderr).toContain('executor.cc');
  expect(stderr).not.toContain('meta_optimizer.cc');
});
