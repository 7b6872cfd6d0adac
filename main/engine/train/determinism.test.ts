/** The same steps in two fresh processes end in the same bytes: what exact resumption stands on. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

function runInChild(): { losses: number[]; hash: string } {
  const child = join(import.meta.dirname, 'joint-steps-child.ts');
  const args = ['--import', 'tsx', child];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as { losses: number[]; hash: string };
}

describe('three joint steps of both models', () => {
  it('give byte-identical parameters and moments in every process', () => {
    const first = runInChild();
    expect(runInChild()).toEqual(first);
    // The steps did train: the loss of the one batch falls.
    expect(first.losses[2]).toBeLessThan(first.losses[0]! - 0.1);
  });
});
