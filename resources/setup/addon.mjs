/**
 * The N-API addon of @tensorflow/tfjs-node-gpu, compiled against our libtensorflow: two source files
 * and one of ours, one compiler call (node-gyp would add nothing but a download of Node's headers). N-API 8, so the same
 * file runs in Node.js and Electron. Compiled once per user; each checkout gets a copy and two links.
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import {
  addonFile,
  bindingPackage,
  cacheRoot,
  logFile,
  moduleFolder,
  packageLockFile,
  partialFolder,
  projectRoot,
  runtimeRecordFile,
} from './paths.mjs';
import { findCompiler } from './machine.mjs';
import { run } from './processes.mjs';
import { SetupError, step } from './report.mjs';
import { runtimeEnvironment, runtimeRecord } from './runtime-record.mjs';

const flags = ['-O2', '-shared', '-fPIC', '-std=c++17', '-DNAPI_VERSION=8'];
const sources = ['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc'];
const ownSource = join(projectRoot, 'resources', 'setup', 'log_level.cc');

/** Where the compiled addon lies: its name holds all that goes into it (sources, headers, library). */
export function addonCache(tensorflow) {
  const { packages } = JSON.parse(readFileSync(packageLockFile, 'utf8'));
  const parts = ['@tensorflow/tfjs-node-gpu', 'node-api-headers'].map(
    (name) => packages[`node_modules/${name}`].integrity,
  );
  parts.push(tensorflow.requirements.hash, ...flags, readFileSync(ownSource, 'utf8'));
  const key = createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 12);
  return join(cacheRoot, `addon-${key}`);
}

export function isCompiled(cache) {
  return existsSync(join(cache, 'tfjs_binding.node'));
}

async function compile(tensorflow, cache) {
  const work = join(partialFolder, 'addon');
  mkdirSync(work, { recursive: true });
  const args = [
    ...flags,
    '-I',
    join(moduleFolder, 'node-api-headers', 'include'),
    '-I',
    join(tensorflow.folder, 'include'),
    '-I',
    '.',
    ...sources,
    ownSource,
    `-L${tensorflow.libraries}`,
    '-ltensorflow',
    '-ltensorflow_framework',
    '-Wl,-rpath,$ORIGIN/../../deps/lib',
    // The CUDA build's own NVIDIA libraries are looked up when it is loaded, not now.
    '-Wl,--allow-shlib-undefined',
    '-o',
    join(work, 'tfjs_binding.node'),
  ];
  const { code, output } = await step('compiling the TensorFlow addon', () =>
    run(findCompiler(), args, { cwd: bindingPackage, env: { ...process.env, TMPDIR: work } }),
  );
  if (code !== 0) {
    const reason = /^.*error: (.+)$/m.exec(output)?.[1] ?? `exit code ${code}`;
    throw new SetupError(
      `The C++ compiler failed: ${reason}`,
      `Install a working one (apt-get install g++) or set CXX; details: ${logFile}`,
    );
  }
  rmSync(cache, { recursive: true, force: true });
  renameSync(work, cache);
}

/** Puts `lib/` and `deps/` into the npm package, each by one rename. */
function link(tensorflow, cache, reason) {
  const dependencies = join(bindingPackage, 'deps');
  rmSync(`${dependencies}.new`, { recursive: true, force: true });
  mkdirSync(`${dependencies}.new`);
  symlinkSync(tensorflow.libraries, join(`${dependencies}.new`, 'lib'));
  symlinkSync(join(tensorflow.folder, 'include'), join(`${dependencies}.new`, 'include'));
  rmSync(dependencies, { recursive: true, force: true });
  renameSync(`${dependencies}.new`, dependencies);
  const record = JSON.stringify(runtimeRecord(tensorflow, reason), null, 2);
  writeFileSync(runtimeRecordFile, `${record}\n`);

  mkdirSync(dirname(addonFile), { recursive: true });
  copyFileSync(join(cache, 'tfjs_binding.node'), `${addonFile}.new`);
  renameSync(`${addonFile}.new`, addonFile);
}

/** Loads it once in a process of its own: a missing library shows here, not in the middle of a run. */
async function tryLoading(tensorflow) {
  const script = 'process.dlopen({ exports: {} }, process.argv[1])';
  const { code, output } = await run(process.execPath, ['-e', script, addonFile], {
    env: runtimeEnvironment(runtimeRecord(tensorflow, null), process.env),
  });
  if (code === 0) return;
  const reason = /Error: (.+)/.exec(output)?.[1] ?? `exit code ${code}`;
  throw new SetupError(`TensorFlow does not load: ${reason}`, `Details: ${logFile}`);
}

export async function installAddon(tensorflow, reason) {
  const cache = addonCache(tensorflow);
  if (!isCompiled(cache)) await compile(tensorflow, cache);
  link(tensorflow, cache, reason);
  await tryLoading(tensorflow);
}
