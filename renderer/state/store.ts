/**
 * What every page shares: the list of runs, the settings, the runtime. Asked for once when the
 * window opens, kept current by pushes, read through `useSyncExternalStore`.
 */
import { useSyncExternalStore } from 'react';
import type { RunSummary } from '../../main/contract/runs.ts';
import type { RuntimeDescription } from '../../main/contract/runtime.ts';
import type { Settings } from '../../main/contract/settings.ts';
import { ask, onPush } from '../bridge/bridge.ts';
import { tellFailure } from '../bridge/actions.tsx';

export interface Shared {
  runs: RunSummary[] | null;
  settings: Settings | null;
  runtime: RuntimeDescription | null;
}

let shared: Shared = { runs: null, settings: null, runtime: null };
const listeners = new Set<() => void>();

function change(part: Partial<Shared>): void {
  shared = { ...shared, ...part };
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Opens the subscriptions first, then asks: nothing that changes in between is lost. */
export async function connect(): Promise<void> {
  onPush('runs', (runs) => change({ runs }));
  onPush('settings', (settings) => change({ settings }));
  onPush('runtime', (runtime) => change({ runtime }));
  change({ settings: await ask('settings.get', {}) });
  ask('runs.list', {}).then((runs) => change({ runs }), tellFailure);
  ask('runtime.describe', {}).then((runtime) => change({ runtime }), tellFailure);
}

export function useShared(): Shared {
  return useSyncExternalStore(subscribe, () => shared);
}

export function changeSettings(part: Partial<Settings>): void {
  if (shared.settings !== null) change({ settings: { ...shared.settings, ...part } });
  ask('settings.set', part).then((settings) => change({ settings }), tellFailure);
}
