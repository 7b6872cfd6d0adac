/** No compiled island has a kernel of YNNPACK, which crashes where an island runs twice at once. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'wds-islands-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const wds = fileURLToPath(new URL('../../cli/wds.ts', import.meta.url));

/** One training step with a compile cache of its own. */
function islandsOf(flags: string): { all: number; withYnnpack: number } {
  const cache = mkdtempSync(join(root, 'cache-'));
  const bench = ['bench', '--config', 'small', '--set', 'mode=sft', '--set', 'steps=1'];
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', wds, ...bench], {
    encoding: 'utf8',
    env: {
      ...process.env,
      XLA_FLAGS: flags,
      TF_XLA_FLAGS: `--tf_xla_persistent_cache_directory=${cache}`,
    },
  });
  expect(status, stderr).toBe(0);
  const islands = readdirSync(cache).map((name) => readFileSync(join(cache, name)));
  return {
    all: islands.length,
    withYnnpack: islands.filter((island) => island.includes('ynn_fusion')).length,
  };
}

test('none by default, some where the user asks for them', () => {
  const islands = islandsOf('');
  expect(islands.all).toBeGreaterThan(10);
  expect(islands.withYnnpack).toBe(0);
  const reductions = '--xla_cpu_experimental_ynn_fusion_type=LIBRARY_FUSION_TYPE_REDUCE';
  expect(islandsOf(reductions).withYnnpack).toBeGreaterThan(0);
});
