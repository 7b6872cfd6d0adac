/**
 * The N-API addon of @tensorflow/tfjs-node-gpu, compiled against our libtensorflow: two source files of
 * the package and ours, no build system (node-gyp would only add a download of Node's headers).
 * N-API 8: the same files run in Node.js and Electron. Compiled once per user, copied to each checkout.
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
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
const ownSource = (name) => join(projectRoot, 'resources', 'setup', name);
const loaderSource = ownSource('quiet_load.cc');
const coreSources = ['session_options.cc', 'tensor_allocator.cc'].map(ownSource);
const headers = ['tensor_memory.h', 'free_spans.h'].map(ownSource);
/** The file that Node.js loads, and the addon proper that it loads in turn: see quiet_load.cc. */
const files = ['tfjs_core.so', 'tfjs_binding.node'];

/** Where the compiled addon lies: its name holds all that goes into it (sources, headers, library). */
export function addonCache(tensorflow) {
  const { packages } = JSON.parse(readFileSync(packageLockFile, 'utf8'));
  const parts = ['@tensorflow/tfjs-node-gpu', 'node-api-headers'].map(
    (name) => packages[`node_modules/${name}`].integrity,
  );
  const own = [loaderSource, ...coreSources, ...headers].map((file) => readFileSync(file, 'utf8'));
  parts.push(tensorflow.requirements.hash, ...flags, ...own);
  const key = createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 12);
  return join(cacheRoot, `addon-${key}`);
}

export function isCompiled(cache) {
  return existsSync(join(cache, 'tfjs_binding.node'));
}

async function runCompiler(args) {
  const { code, output } = await run(findCompiler(), [...flags, ...args], { cwd: bindingPackage });
  if (code === 0) return;
  const reason = /^.*error: (.+)$/m.exec(output)?.[1] ?? `exit code ${code}`;
  throw new SetupError(
    `The C++ compiler failed: ${reason}`,
    `Install a working one (apt-get install g++) or set CXX; details: ${logFile}`,
  );
}

async function compile(tensorflow, cache) {
  const work = join(partialFolder, 'addon');
  mkdirSync(work, { recursive: true });
  const include = (folder) => ['-I', folder];
  const node = include(join(moduleFolder, 'node-api-headers', 'include'));
  const core = [
    ...node,
    ...include(join(tensorflow.folder, 'include')),
    ...include('.'),
    ...sources,
    ...coreSources,
    '-Wl,--wrap=TF_NewSessionOptions',
    `-L${tensorflow.libraries}`,
    '-ltensorflow',
    '-ltensorflow_framework',
    '-Wl,-rpath,$ORIGIN/../../deps/lib',
    // The CUDA build's own NVIDIA libraries are looked up when it is loaded, not now.
    '-Wl,--allow-shlib-undefined',
  ];
  await step('compiling the TensorFlow addon', async () => {
    await runCompiler([...core, '-o', join(work, 'tfjs_core.so')]);
    await runCompiler([...node, loaderSource, '-ldl', '-o', join(work, 'tfjs_binding.node')]);
  });
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
  for (const name of files) {
    const target = join(dirname(addonFile), name);
    copyFileSync(join(cache, name), `${target}.new`);
    renameSync(`${target}.new`, target);
  }
}

/** Where the addon came from and how large its files are: part of the check before every command. */
export function observeAddon(tensorflow) {
  const sizes = files.map((name) => statSync(join(dirname(addonFile), name)).size);
  return [addonCache(tensorflow), ...sizes];
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
