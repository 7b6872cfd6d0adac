/**
 * What this machine has: the checks that fail before anything is downloaded, each with the one line
 * that says what to install, and the choice between the CPU and the CUDA build of TensorFlow.
 */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { cacheRoot } from './paths.mjs';
import { findProgram, run } from './processes.mjs';
import { megabytes, SetupError } from './report.mjs';

/** Node, operating system, C library and processor. Pure, so that its refusals can be tested. */
export function platformProblem({ node, platform, architecture, glibc, cpuFlags }) {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    return [
      `Node.js ${node} is too old`,
      'Install Node.js 20.19 or newer (22 LTS is a good choice)',
    ];
  }
  if (platform !== 'linux' || architecture !== 'x64') {
    return [
      `${platform}-${architecture} is not supported yet`,
      'The engine needs 64-bit Linux on an Intel or AMD processor; on Windows, use WSL2',
    ];
  }
  const [glibcMajor = 0, glibcMinor = 0] = (glibc ?? '').split('.').map(Number);
  if (glibcMajor < 2 || (glibcMajor === 2 && glibcMinor < 28)) {
    return [
      glibc ? `The C library glibc ${glibc} is too old` : 'This system has no glibc',
      'TensorFlow needs glibc 2.28 or newer: Debian 10, Ubuntu 20.04 or later',
    ];
  }
  if (cpuFlags !== null && !cpuFlags.includes('avx')) {
    return [
      'This processor has no AVX instructions',
      'TensorFlow needs a processor from 2011 or later',
    ];
  }
  return null;
}

export function checkPlatform() {
  const problem = platformProblem({
    node: process.versions.node,
    platform: process.platform,
    architecture: process.arch,
    glibc: glibcVersion(),
    cpuFlags: cpuFlags(),
  });
  if (problem) throw new SetupError(...problem);
}

function glibcVersion() {
  if (process.platform !== 'linux') return undefined;
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime;
}

function cpuFlags() {
  try {
    return /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' ') ?? null;
  } catch {
    return null;
  }
}

export function findCompiler() {
  const chosen = process.env.CXX?.trim();
  for (const name of chosen ? [chosen] : ['c++', 'g++', 'clang++']) {
    const path = findProgram(name);
    if (path) return path;
  }
  return null;
}

/** Throws one line that names every missing program and the command that installs them all. */
export async function checkPrograms({ python, compiler }) {
  const missing = [];
  const packages = [];
  if (python) {
    const found = findProgram('python3') !== null;
    if (!found || (await run('python3', ['-c', 'import zipfile'])).code !== 0) {
      missing.push('python3');
      packages.push('python3', 'python3-pip');
    } else if ((await run('python3', ['-m', 'pip', '--version'])).code !== 0) {
      missing.push('pip for python3');
      packages.push('python3-pip');
    }
  }
  if (compiler && !findCompiler()) {
    missing.push(process.env.CXX ? `the C++ compiler $CXX (${process.env.CXX})` : 'a C++ compiler');
    packages.push('g++');
  }
  if (missing.length > 0) {
    const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
    throw new SetupError(
      `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing`,
      `Install with: ${sudo}apt-get install ${packages.join(' ')}`,
    );
  }
}

/** Node's own call is newer than the older Electron runtime, in which the packaged app sets up. */
function freeBytes(folder) {
  if ('statfsSync' in fs) {
    const disk = fs.statfsSync(folder);
    return disk.bavail * disk.bsize;
  }
  const lines = execFileSync('df', ['-Pk', folder], { encoding: 'utf8' }).trim().split('\n');
  return Number(lines.at(-1).split(/\s+/)[3]) * 1024;
}

/** Bytes of free space needed in the cache folder; also says when the folder cannot be written. */
export function checkDiskSpace(needed) {
  let free;
  try {
    mkdirSync(cacheRoot, { recursive: true });
    free = freeBytes(cacheRoot);
  } catch (error) {
    throw new SetupError(
      `The cache folder ${cacheRoot} cannot be used (${error.code})`,
      'Make it writable, or set XDG_CACHE_HOME to another folder',
    );
  }
  if (free < needed) {
    throw new SetupError(
      `Not enough disk space: ${megabytes(needed)} needed in ${cacheRoot}, ${megabytes(free)} free`,
      'Free some space, or set XDG_CACHE_HOME to a folder on a larger disk',
    );
  }
}

/** Cheap and without a child process: it is part of the check that runs before every command. */
export function hasNvidiaDriver() {
  return existsSync('/proc/driver/nvidia/version') || findProgram('nvidia-smi') !== null;
}

/**
 * 'cuda' where a GPU is there that TensorFlow's wheel has kernels for, 'cpu' elsewhere, with the
 * reason when a GPU is passed over. WEAK_DRIVEN_STUDIO_TENSORFLOW=cpu|cuda decides it by hand.
 */
export async function chooseBuild() {
  const forced = process.env.WEAK_DRIVEN_STUDIO_TENSORFLOW;
  if (forced === 'cpu' || forced === 'cuda') return { build: forced, reason: null };
  if (forced) {
    throw new SetupError(
      `WEAK_DRIVEN_STUDIO_TENSORFLOW=${forced} is not known`,
      'Use cpu or cuda, or leave it unset',
    );
  }
  if (!hasNvidiaDriver()) return { build: 'cpu', reason: null };
  const query = await run('nvidia-smi', ['--query-gpu=compute_cap', '--format=csv,noheader']);
  if (query.code !== 0) return { build: 'cpu', reason: 'nvidia-smi does not answer' };
  const capabilities = query.output.trim().split(/\s+/).map(Number);
  if (capabilities.some((value) => value >= 6 && value < 10))
    return { build: 'cuda', reason: null };
  return {
    build: 'cpu',
    reason: `compute capability ${capabilities.join(', ')} is outside TensorFlow's 6.0 to 9.0`,
  };
}
