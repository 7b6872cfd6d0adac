/** Electron's runtime, ready to start an unpacked app: `<executable> <folder>`. */
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureElectron, findElectron } from '../resources/setup/electron.mjs';
import { projectRoot } from '../resources/setup/paths.mjs';

/** @returns {Promise<{ executable: string, version: string, kind: string }>} */
export async function readyElectron() {
  const electron = await ensureElectron();
  if (electron.kind !== 'official') addDefaultApp(dirname(electron.executable));
  return electron;
}

/** The same if the runtime is there already, without fetching anything; null otherwise. */
export function presentElectron() {
  const electron = findElectron();
  if (electron?.kind === 'fallback') addDefaultApp(dirname(electron.executable));
  return electron;
}

/** Whole or not there: the runtime is shared by all checkouts of this user. */
function addDefaultApp(runtimeFolder) {
  const target = join(runtimeFolder, 'resources', 'app');
  if (existsSync(join(target, 'main.cjs'))) return;
  const partial = `${target}-${process.pid}`;
  rmSync(partial, { recursive: true, force: true });
  cpSync(join(projectRoot, 'electron', 'default-app'), partial, { recursive: true });
  renameSync(partial, target);
}

/** Chromium refuses to start its sandbox as root. */
export const rootArguments = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
