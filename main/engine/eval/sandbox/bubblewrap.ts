/**
 * A Python process inside bubblewrap (Linux namespaces, no privileges needed). It protects by
 * exactly the arguments it is given, so here they are all: every namespace new, no capabilities, no
 * nested namespaces, nothing mounted but the interpreter and its libraries, read-only; no /proc, no
 * device but null and urandom, nothing writable anywhere (so neither disk nor inodes can be
 * filled), an empty environment, the system calls of seccomp-filter.ts refused, rlimits set before
 * any foreign line is read. The program comes as an argument and all else over pipes: no file of
 * the task exists on the host. Whoever runs as root drops to nobody first.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { StudioError } from '../../../contract/errors.ts';
import type { Ending, Sandbox, SandboxedProcess, SandboxLimits } from './sandbox.ts';
import { seccompFilter } from './seccomp-filter.ts';

/** Where the parts are on this machine; all of them under /usr. */
export interface BubblewrapParts {
  bubblewrap: string;
  /** The interpreter itself, not a link to it: /usr/bin/python3.11. */
  python: string;
}

const nobody = 65534;
const keptOutput = 4096;
/** Usually 30 ms; a busy machine may take long, and it is not the program's fault. */
const startSeconds = 60;
/** Descriptors of the sandboxed process. */
const requests = 3;
const answers = 4;
const filter = 5;

/** Runs before our programs: limits, stray descriptors, and the two functions they speak with. */
const preamble = String.raw`
import os, resource, sys
sys.path = [entry for entry in sys.path if entry]
cpu, memory, threads = (int(text) for text in sys.argv[1:4])
for limit, soft, hard in ((resource.RLIMIT_CPU, cpu, cpu + 1), (resource.RLIMIT_AS, memory, memory),
                          (resource.RLIMIT_NPROC, threads, threads), (resource.RLIMIT_FSIZE, 0, 0),
                          (resource.RLIMIT_NOFILE, 64, 64), (resource.RLIMIT_CORE, 0, 0),
                          (resource.RLIMIT_MEMLOCK, 0, 0)):
    resource.setrlimit(limit, (soft, hard))
os.closerange(5, 65536)
sys.argv = ['']


def receive(requests=os.fdopen(3, 'rb')):
    return requests.readline()


def send(text, write=os.write):
    rest = memoryview(text.encode('utf-8') + b'\n')
    while rest:
        rest = rest[write(4, rest):]


send('ready')
`;

/** One idea a line; every argument matters. */
const confinement = [
  '--unshare-all --unshare-user --disable-userns',
  '--die-with-parent --new-session',
  `--cap-drop ALL --uid ${nobody} --gid ${nobody} --hostname sandbox`,
  '--dev-bind /dev/null /dev/null --dev-bind /dev/urandom /dev/urandom',
  // Sets that print in hash order print the same every time.
  '--setenv PYTHONHASHSEED 0 --setenv PYTHONUTF8 1',
  `--chdir / --remount-ro / --seccomp ${filter}`,
];

/** What bwrap is started with, up to and including the interpreter's own switches. */
export function bubblewrapArguments({ python }: BubblewrapParts): string[] {
  const local = python.startsWith('/usr/local/') ? ['/usr/local/lib'] : [];
  const libraries = ['/usr/lib', '/usr/lib64', '/lib', '/lib64', '/etc/ld.so.cache', ...local];
  const mounts = libraries.flatMap((path) => ['--ro-bind-try', path, path]);
  const switches = ['--', python, '-S', '-s', '-B'];
  return mounts.concat('--ro-bind', python, python, confinement.join(' ').split(' '), switches);
}

export function bubblewrapSandbox(parts: BubblewrapParts, description: string): Sandbox {
  return {
    engine: 'bubblewrap',
    description,
    start: (program, limits) => startProcess(parts, program, limits),
  };
}

async function startProcess(
  parts: BubblewrapParts,
  program: string,
  limits: SandboxLimits,
): Promise<SandboxedProcess> {
  const numbers = [limits.cpuSeconds, limits.memoryBytes, limits.threads];
  const asRoot = process.getuid?.() === 0;
  const child = spawn(
    parts.bubblewrap,
    bubblewrapArguments(parts).concat(
      '-c',
      `${preamble}${program}`,
      numbers.map((number) => String(Math.ceil(number))),
    ),
    {
      cwd: '/',
      env: {},
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
      ...(asRoot ? { uid: nobody, gid: nobody } : {}),
    },
  );
  const pipes = child.stdio as unknown as [null, Readable, Readable, Writable, Readable, Writable];
  for (const index of [requests, filter]) {
    // It may end while it is written to; how it ended is told by its exit.
    pipes[index as 3 | 5].on('error', () => undefined);
  }
  pipes[filter].end(seccompFilter(process.arch));

  let ending: Ending | null = null;
  let forced: Ending | null = null;
  let waiting: (() => void) | null = null;
  const lines: Buffer[] = [];
  const tail: Buffer[] = [];
  let answered = 0;
  let printed = Buffer.alloc(0);
  let printedBytes = 0;

  const wake = () => {
    waiting?.();
    waiting = null;
  };
  const stop = (reason: Ending) => {
    forced ??= reason;
    child.kill('SIGKILL');
  };
  const closed = new Promise<void>((resolve) => {
    const finish = (reason: Ending) => {
      ending ??= forced ?? reason;
      wake();
      resolve();
    };
    child.on('error', () => finish({ kind: 'exited', code: 127 }));
    child.on('close', (code, signal) => finish(endingOf(code, signal)));
  });

  for (const stream of [pipes[1], pipes[2]]) {
    stream.on('data', (chunk: Buffer) => {
      printedBytes += chunk.length;
      if (printed.length < keptOutput) {
        printed = Buffer.concat([printed, chunk]).subarray(0, keptOutput);
      }
      if (printedBytes > limits.outputBytes) stop({ kind: 'output-limit' });
    });
  }
  pipes[answers].on('data', (chunk: Buffer) => {
    answered += chunk.length;
    if (answered > limits.outputBytes) return stop({ kind: 'output-limit' });
    let start = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, start)) {
      lines.push(Buffer.concat([...tail.splice(0), chunk.subarray(start, at)]));
      start = at + 1;
    }
    if (start < chunk.length) tail.push(chunk.subarray(start));
    if (lines.length > 0) wake();
  });

  const sandboxed: SandboxedProcess = {
    send(line) {
      answered = 0;
      // Not `writable`: Node 16 does not set it for pipes beyond the usual three.
      if (pipes[requests].destroyed) return;
      pipes[requests].write(line);
      pipes[requests].write('\n');
    },
    async receive() {
      while (lines.length === 0 && ending === null) {
        await new Promise<void>((resolve) => (waiting = resolve));
      }
      const line = lines.shift();
      return line !== undefined ? { line } : { ended: ending as Ending };
    },
    async kill() {
      stop({ kind: 'killed' });
      await closed;
    },
    printed: () => printed,
  };
  await awaitReady(sandboxed);
  return sandboxed;
}

/** Ours speaks first: what goes wrong before is the sandbox's fault, not that of a program in it. */
async function awaitReady(sandboxed: SandboxedProcess): Promise<void> {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    void sandboxed.kill();
  }, startSeconds * 1000);
  const first = await sandboxed.receive();
  clearTimeout(timer);
  if (!late && 'line' in first && first.line.toString() === 'ready') return;
  await sandboxed.kill();
  const said = sandboxed.printed().toString('utf8').trim().split('\n').at(-1) ?? '';
  const why = late ? `not within ${startSeconds} s` : said || 'it ended without a word';
  const hint = 'Run bwrap by hand to see what the system refuses, then try again.';
  throw new StudioError('sandbox-failed', `The sandbox did not start: ${why}`, hint);
}

/** bubblewrap passes the status on, a signal as 128 + its number. */
function endingOf(code: number | null, signal: string | null): Ending {
  if (code === null) return { kind: 'signal', name: signal ?? 'unknown' };
  const number = code - 128;
  if (number === constants.signals.SIGXCPU) return { kind: 'cpu-limit' };
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  return name === undefined ? { kind: 'exited', code } : { kind: 'signal', name };
}
