/**
 * Set-up's refusals, met for real: a copy of the project in a temporary folder, its own home, cache and
 * PATH, so that nothing of the machine's set-up is touched. What needs the network is not tested here.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'set-up-'));
const project = join(folder, 'project');
const tools = join(folder, 'bin');
const cache = join(folder, 'cache');

const which = (name: string) =>
  execFileSync('sh', ['-c', `command -v ${name}`])
    .toString()
    .trim();
const link = (name: string, target = which(name)) => symlinkSync(target, join(tools, name));

/** The project's set-up, with npm packages that count as installed. */
beforeAll(() => {
  for (const name of ['resources/setup', 'resources/runtime']) {
    cpSync(join(root, name), join(project, name), { recursive: true });
  }
  const packages: Record<string, unknown> = { '': {} };
  for (const name of ['@tensorflow/tfjs-node-gpu', 'node-api-headers']) {
    const path = `node_modules/${name}`;
    packages[path] = { version: '1.0.0', integrity: `sha512-${name}` };
    mkdirSync(join(project, path), { recursive: true });
    writeFileSync(join(project, path, 'package.json'), '{}');
  }
  for (const name of ['package-lock.json', 'node_modules/.package-lock.json']) {
    writeFileSync(join(project, name), JSON.stringify({ packages }));
  }
});

beforeEach(() => {
  rmSync(tools, { recursive: true, force: true });
  mkdirSync(tools);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs set-up with nothing on PATH but `tools`; it must fail with one line, which is returned. */
function refusal(environment: Record<string, string> = {}): string {
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [join(project, 'resources', 'setup', 'setup.mjs')],
    {
      cwd: project,
      encoding: 'utf8',
      timeout: 60_000,
      env: { HOME: folder, PATH: tools, XDG_CACHE_HOME: cache, ...environment },
    },
  );
  expect([status, stdout]).toEqual([1, '']);
  const lines = stderr.trimEnd().split('\n');
  expect(stderr).not.toMatch(/^\s+at /m);
  return lines.filter((line) => !/ download( \.\.\.|: failed)/.test(line)).join('\n');
}

describe('a missing prerequisite is one line that says what to install', () => {
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';

  it('python3 and the compiler', () => {
    expect(refusal()).toBe(
      `set-up: python3 and a C++ compiler are missing. Install with: ${sudo}apt-get install python3 python3-pip g++`,
    );
  });

  it('pip', () => {
    execFileSync('python3', ['-m', 'venv', '--without-pip', join(folder, 'python')]);
    const path = join(folder, 'python', 'bin');
    expect(refusal({ PATH: path, CXX: which('g++') })).toBe(
      `set-up: pip for python3 is missing. Install with: ${sudo}apt-get install python3-pip`,
    );
  });

  it('the compiler, and the one that CXX names', () => {
    link(
      'python3',
      execFileSync('python3', ['-c', 'import sys; print(sys.executable)']).toString().trim(),
    );
    expect(refusal()).toBe(
      `set-up: a C++ compiler is missing. Install with: ${sudo}apt-get install g++`,
    );
    expect(refusal({ CXX: 'c++-99' })).toContain('the C++ compiler $CXX (c++-99) is missing');
  });

  it('a folder to write to', () => {
    const file = join(project, 'package-lock.json');
    expect(refusal({ XDG_CACHE_HOME: file })).toBe(
      `set-up: The cache folder ${file}/weak-driven-studio cannot be used (ENOTDIR). Make it writable, or set XDG_CACHE_HOME to another folder`,
    );
  });

  it('a package index that answers; nothing is left half-made', () => {
    link(
      'python3',
      execFileSync('python3', ['-c', 'import sys; print(sys.executable)']).toString().trim(),
    );
    link('g++');
    const line = refusal({ PIP_INDEX_URL: 'http://127.0.0.1:9/simple', PIP_RETRIES: '1' });
    expect(line).toBe(
      'set-up: The Python package index cannot be reached to download tensorflow-cpu. Check the network, or set PIP_INDEX_URL or PIP_PROXY, and run it again',
    );
    const left = readdirSync(join(cache, 'weak-driven-studio'));
    expect(left.filter((name) => name.startsWith('tensorflow') || name.endsWith('.lock'))).toEqual(
      [],
    );
    expect(existsSync(join(project, 'node_modules', '.weak-driven-studio.json'))).toBe(false);
  });

  it('a known build of TensorFlow', () => {
    expect(refusal({ WEAK_DRIVEN_STUDIO_TENSORFLOW: 'tpu' })).toBe(
      'set-up: WEAK_DRIVEN_STUDIO_TENSORFLOW=tpu is not known. Use cpu or cuda, or leave it unset',
    );
  });
});

describe('what a machine must be', () => {
  const good = {
    node: '20.19.0',
    platform: 'linux',
    architecture: 'x64',
    glibc: '2.28',
    cpuFlags: ['sse', 'avx'],
  };
  it.each([
    [{}, null],
    [{ node: '24.0.1' }, null],
    [{ node: '20.18.3' }, 'Node.js 20.18.3 is too old'],
    [{ node: '18.20.8' }, 'Node.js 18.20.8 is too old'],
    [{ platform: 'darwin', architecture: 'arm64' }, 'darwin-arm64 is not supported yet'],
    [{ glibc: '2.27' }, 'The C library glibc 2.27 is too old'],
    [{ glibc: undefined }, 'This system has no glibc'],
    [{ cpuFlags: ['sse'] }, 'This processor has no AVX instructions'],
  ])('%o', async (change, problem) => {
    const { platformProblem } = await import('./machine.mjs');
    expect(platformProblem({ ...good, ...change })?.[0] ?? null).toBe(problem);
  });

  it('room on the disk', async () => {
    const { diskSpaceFor, readRequirements } = await import('./wheels.mjs');
    // 274 MB twice (wheel, and pip's copy of it) and 860 MB unpacked.
    expect(diskSpaceFor(readRequirements('tensorflow-cpu.txt'))).toBe(860e6 + 2 * 273_829_956);
    const { checkDiskSpace } = await import('./machine.mjs');
    expect(() => checkDiskSpace(1e18)).toThrow(
      /^Not enough disk space: 1000000000.0 GB needed in /,
    );
  });
});

describe('the pins', () => {
  it.each([
    ['tensorflow-cpu.txt', 1],
    ['tensorflow-cuda.txt', 13],
    ['electron-fallback.txt', 1],
  ])('%s: every requirement has a version, a hash and a size', async (name, count) => {
    const { readRequirements } = await import('./wheels.mjs');
    const text = readFileSync(join(root, 'resources', 'runtime', name), 'utf8');
    const requirements = readRequirements(name);
    expect(requirements.wheels).toHaveLength(count);
    expect(requirements.wheels.map((wheel) => wheel.line)).toEqual(
      text.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
    );
    expect(requirements.unpackedBytes).toBeGreaterThan(0);
  });
});

describe('npm packages', () => {
  it('match when every locked one is there in its version, other platforms aside', async () => {
    const { packagesMatch } = await import('./packages.mjs');
    const a = { version: '1.0.0', integrity: 'x' };
    const wanted = { '': {}, 'node_modules/a': a, 'node_modules/b': { optional: true } };
    const there = () => true;
    expect(packagesMatch(wanted, { 'node_modules/a': a }, there)).toBe(true);
    expect(packagesMatch(wanted, {}, there)).toBe(false);
    expect(packagesMatch(wanted, { 'node_modules/a': { ...a, version: '2.0.0' } }, there)).toBe(
      false,
    );
    expect(packagesMatch(wanted, { 'node_modules/a': a }, () => false)).toBe(false);
  });

  it('the lock file names the optional packages of every platform', async () => {
    const { missingOptional } = await import('./lockfile.mjs');
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, unknown>;
    };
    const missing = missingOptional(lock.packages).map(({ name }: { name: string }) => name);
    expect(missing, 'run: node resources/setup/lockfile.mjs').toEqual([]);
  });

  it('an absent one is put back for its platform only', async () => {
    const { completeLock } = await import('./lockfile.mjs');
    const lock = {
      packages: {
        '': {},
        'node_modules/x': { dev: true, optionalDependencies: { 'x-linux-arm64-musl': '1.2.3' } },
      },
    };
    const completed = completeLock(lock) as {
      added: number;
      lock: { packages: Record<string, unknown> };
    };
    expect(completed.added).toBe(1);
    expect(completed.lock.packages['node_modules/x-linux-arm64-musl']).toEqual({
      version: '1.2.3',
      dev: true,
      optional: true,
      os: ['linux'],
      cpu: ['arm64'],
      libc: ['musl'],
    });
  });
});

describe('the lock', () => {
  /** A process that takes the lock, says so, and holds it until its input ends. */
  function holder() {
    const script = `
      import { withLock } from ${JSON.stringify(join(project, 'resources/setup/processes.mjs'))};
      await withLock(async () => {
        process.stdout.write('held');
        for await (const chunk of process.stdin) void chunk;
      });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, XDG_CACHE_HOME: join(folder, 'lock') },
    });
    const said = (stream: NodeJS.ReadableStream, text: RegExp) =>
      new Promise<void>((resolve) => {
        stream.on('data', (data: Buffer) => text.test(data.toString()) && resolve());
      });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    const [held, waiting] = [said(child.stdout, /held/), said(child.stderr, /waiting for another/)];
    return { child, held, waiting, ended };
  }

  it('lets the second one in when the first ends', async () => {
    const first = holder();
    await first.held;
    const second = holder();
    await second.waiting;
    first.child.stdin.end();
    await second.held;
    second.child.stdin.end();
    expect(await Promise.all([first.ended, second.ended])).toEqual([0, 0]);
  });

  it('is taken over from one that was killed', async () => {
    const first = holder();
    await first.held;
    first.child.kill('SIGKILL');
    await first.ended;
    const second = holder();
    await second.held;
    second.child.stdin.end();
    expect(await second.ended).toBe(0);
    expect(readdirSync(join(folder, 'lock', 'weak-driven-studio'))).toEqual([]);
  });
});
