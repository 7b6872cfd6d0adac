/**
 * Preferences in the user's folder, checked with the contract's schema when read and when changed;
 * a damaged file means defaults. Window bounds are kept beside them but are nobody's preference.
 */
import { app } from 'electron';
import type { Rectangle } from 'electron';
import Store from 'electron-store';
import { defaultRunsRoot } from '../main/host/run-folders.ts';
import { settingsSchema } from '../main/contract/settings.ts';
import type { Settings } from '../main/contract/settings.ts';
import type { Publish } from './ipc/publish.ts';

export interface SettingsStore {
  readonly path: string;
  get(): Settings;
  change(part: Partial<Settings>): Settings;
  onChange(listener: () => void): void;
  runsDirectory(): string;
  windowBounds(): Rectangle | null;
  keepWindowBounds(bounds: Rectangle): void;
}

export function openSettings(publish: Publish): SettingsStore {
  const store = new Store<{ settings: unknown; window: Rectangle | null }>({
    cwd: app.getPath('userData'),
    defaults: { settings: {}, window: null },
    clearInvalidConfig: true,
  });
  const parsed = settingsSchema.safeParse(store.get('settings'));
  let settings = parsed.success ? parsed.data : settingsSchema.parse({});
  const listeners = new Set<() => void>();
  return {
    path: store.path,
    get: () => settings,
    change(part) {
      settings = settingsSchema.parse({ ...settings, ...part });
      store.set('settings', settings);
      publish('settings', settings);
      for (const listener of listeners) listener();
      return settings;
    },
    onChange: (listener) => void listeners.add(listener),
    runsDirectory: () => settings.runsDirectory ?? defaultRunsRoot(),
    windowBounds: () => store.get('window'),
    keepWindowBounds: (bounds) => store.set('window', bounds),
  };
}
