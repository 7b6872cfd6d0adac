/**
 * What the packaged app lacks on a machine where it starts first: libtensorflow. Its JavaScript and the
 * compiled addon are in the package, so neither npm nor a compiler is needed; the library goes to the
 * same per-user cache as a checkout's (tensorflow.mjs). A record in that cache says which build it is;
 * its name holds the pins, so that an app with other pins does not take it for its own.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkDiskSpace, checkPrograms, chooseBuild, hasNvidiaDriver } from './machine.mjs';
import { cacheRoot, partialFolder } from './paths.mjs';
import { withLock } from './processes.mjs';
import { runtimeRecord } from './runtime-record.mjs';
import { describeBuild, installTensorFlow, isUnpacked } from './tensorflow.mjs';
import { diskSpaceFor } from './wheels.mjs';

export function appRuntimeFile() {
  const pins = ['cpu', 'cuda'].map((build) => describeBuild(build).requirements.hash).join();
  const key = createHash('sha256').update(pins).digest('hex').slice(0, 8);
  return join(cacheRoot, `app-runtime-${key}.json`);
}

/** What `ensureAppRuntime` would fetch, without asking the GPU. */
export function describeAppRuntime() {
  const { build, version, folder, requirements } = describeBuild(
    hasNvidiaDriver() ? 'cuda' : 'cpu',
  );
  const downloadBytes = requirements.wheels.reduce((sum, { bytes }) => sum + bytes, 0);
  const diskBytes = diskSpaceFor(requirements);
  return { tensorflow: version, build, downloadBytes, diskBytes, folder };
}

async function install() {
  const { build, reason } = await chooseBuild();
  const tensorflow = describeBuild(build);
  if (!isUnpacked(tensorflow)) {
    rmSync(partialFolder, { recursive: true, force: true });
    mkdirSync(partialFolder, { recursive: true });
    await checkPrograms({ python: true, compiler: false });
    checkDiskSpace(diskSpaceFor(tensorflow.requirements));
    await installTensorFlow(tensorflow);
    rmSync(partialFolder, { recursive: true, force: true });
  }
  const file = appRuntimeFile();
  const record = { ...runtimeRecord(tensorflow, reason), linked: false };
  writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

/** @throws SetupError */
export async function ensureAppRuntime() {
  checkDiskSpace(0);
  await withLock(install);
}
