/**
 * Where set-up reads and writes. Everything large goes to one per-user cache outside the checkout, so
 * that a second clone downloads and compiles nothing; the checkout itself gets links and one stamp.
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The packaged app carries `resources/` in its own resources folder; its JavaScript lies elsewhere. */
const packagedRoot = process.resourcesPath;
const isPackaged = packagedRoot && existsSync(join(packagedRoot, 'resources', 'runtime'));

export const projectRoot = isPackaged
  ? packagedRoot
  : join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const configuredCache = process.env.XDG_CACHE_HOME ?? '';
export const cacheRoot = join(
  isAbsolute(configuredCache) ? configuredCache : join(homedir(), '.cache'),
  'weak-driven-studio',
);

/** Work in progress. Whoever holds the lock may delete all of it: nothing finished lies here. */
export const partialFolder = join(cacheRoot, 'partial');
/** Downloaded wheels on their way to being unpacked; pip checks their hashes before reusing one. */
export const wheelFolder = join(cacheRoot, 'wheels');
export const lockFile = join(cacheRoot, 'setup.lock');
export const logFile = join(cacheRoot, 'setup.log');

export const packageLockFile = join(projectRoot, 'package-lock.json');
export const moduleFolder = join(projectRoot, 'node_modules');
export const stampFile = join(moduleFolder, '.weak-driven-studio.json');
export const bindingPackage = join(moduleFolder, '@tensorflow', 'tfjs-node-gpu');
export const addonFile = join(bindingPackage, 'lib', 'napi-v8', 'tfjs_binding.node');
/** What was set up, for the processes that load it: see runtime-record.mjs. */
export const runtimeRecordFile = join(bindingPackage, 'deps', 'runtime.json');
