/**
 * Where a run's weak cache lies: beside the run's folder, so that runs in one place share what they
 * compute of the same weak agent. What no run has used for a month is removed.
 */
import { existsSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readRuntime } from '../engine/runtime/runtime-record.ts';
import type { ModelSource } from '../engine/train/model-source.ts';
import type { WeakCacheChoice } from '../engine/train/weak-cache.ts';
import { hashJson } from './hash.ts';
import { modelFingerprint } from './model-fingerprint.ts';
import type { RunSettings } from './run-settings.ts';

const keptMilliseconds = 30 * 24 * 3600 * 1000;

/** `weak`: the weak agent or UNDIAL's teacher. */
export function weakCacheChoice(run: RunSettings, weak: ModelSource): WeakCacheChoice | null {
  const use = run.config.joint.cacheWeak;
  if (use === 'off') return null;
  const parent = join(dirname(run.context.runFolder), '.weak-states');
  const fingerprint = hashJson(modelFingerprint(weak)).slice(0, 24);
  const folder = join(parent, fingerprint);
  if (existsSync(folder)) utimesSync(folder, new Date(), new Date());
  forgetUnused(parent);
  return {
    use,
    folder,
    fingerprint,
    machine: `TensorFlow ${readRuntime().tensorflow}, ${run.device}`,
  };
}

function forgetUnused(parent: string): void {
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent)) {
    const folder = join(parent, name);
    const unused = Date.now() - statSync(folder).mtimeMs;
    if (unused > keptMilliseconds) rmSync(folder, { recursive: true, force: true });
  }
}
