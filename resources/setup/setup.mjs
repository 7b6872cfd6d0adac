/**
 * Set-up, all of it: npm packages, libtensorflow, the addon that binds it. Plain Node.js without
 * dependencies, because it runs before there are any; run before every command, because a second run
 * costs a few file look-ups. Every step is skipped when done and leaves nothing half-made: finished
 * things appear by a rename, the stamp is written last.
 *
 *   node resources/setup/setup.mjs [--quiet]      (quiet: say nothing when nothing is to be done)
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { addonCache, installAddon, isCompiled, observeAddon } from './addon.mjs';
import { offerBubblewrap } from './bubblewrap.mjs';
import {
  checkDiskSpace,
  checkPlatform,
  checkPrograms,
  chooseBuild,
  hasNvidiaDriver,
} from './machine.mjs';
import { installPackages } from './packages.mjs';
import { bindingPackage, logFile, packageLockFile, partialFolder, stampFile } from './paths.mjs';
import { withLock } from './processes.mjs';
import { exitWith, say } from './report.mjs';
import { describeBuild, installTensorFlow, isUnpacked, librarySizes } from './tensorflow.mjs';
import { diskSpaceFor } from './wheels.mjs';

/** What a finished set-up looks like; the stamp holds the same as it was when it was finished. */
function observe(build) {
  const tensorflow = describeBuild(build);
  return {
    packages: createHash('sha256').update(readFileSync(packageLockFile)).digest('hex'),
    build,
    folder: tensorflow.folder,
    linked: realpathSync(`${bindingPackage}/deps/lib`),
    libraries: librarySizes(tensorflow.libraries),
    addon: observeAddon(tensorflow),
    driver: hasNvidiaDriver(),
    choice: process.env.WEAK_DRIVEN_STUDIO_TENSORFLOW ?? null,
  };
}

export function isCurrent() {
  try {
    const stamp = readFileSync(stampFile, 'utf8');
    return JSON.stringify(observe(JSON.parse(stamp).build)) === stamp;
  } catch {
    return false;
  }
}

async function install() {
  if (isCurrent()) return;
  rmSync(partialFolder, { recursive: true, force: true });
  mkdirSync(partialFolder, { recursive: true });
  rmSync(logFile, { force: true });

  const { build, reason } = await chooseBuild();
  const tensorflow = describeBuild(build);
  const download = !isUnpacked(tensorflow);
  await checkPrograms({ python: download, compiler: !isCompiled(addonCache(tensorflow)) });
  if (download) checkDiskSpace(diskSpaceFor(tensorflow.requirements));

  await installPackages();
  if (reason) say(`the GPU is not used: ${reason}`);
  await installTensorFlow(tensorflow);
  await installAddon(tensorflow, reason);
  await offerBubblewrap();

  writeFileSync(`${stampFile}.new`, JSON.stringify(observe(build)));
  renameSync(`${stampFile}.new`, stampFile);
  rmSync(partialFolder, { recursive: true, force: true });
  say(`ready: TensorFlow ${tensorflow.version} for ${build === 'cuda' ? 'NVIDIA GPUs' : 'CPU'}`);
}

export async function ensureSetup({ quiet }) {
  if (isCurrent()) {
    if (!quiet) say('everything is in place');
    return;
  }
  checkPlatform();
  checkDiskSpace(0);
  await withLock(install);
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await ensureSetup({ quiet: process.argv.includes('--quiet') }).catch(exitWith);
}
