/**
 * Looks for a sandbox for code tasks and tries it before it is trusted: a probe is run inside with
 * the full set of arguments and has to report that files, network, processes and environment are
 * out of its reach. An installed bubblewrap that cannot do that (no user namespaces, an AppArmor
 * profile in the way, an old version) is a refusal with the system's own words.
 */
import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { promisify } from 'node:util';
import { toErrorDetails } from '../../../contract/errors.ts';
import { bubblewrapSandbox } from './bubblewrap.ts';
import { candidateProgram } from './candidate-program.ts';
import { defaultLimits } from './sandbox.ts';
import type { Sandbox } from './sandbox.ts';
import { hasSeccompFilter } from './seccomp-filter.ts';

const bubblewrapPaths = ['/usr/bin/bwrap', '/usr/local/bin/bwrap', '/bin/bwrap'];
const pythonPaths = ['/usr/bin/python3', '/usr/local/bin/python3'];
/** The first with --disable-userns, --size and a stable --seccomp. */
const oldestVersion = [0, 8];
const install =
  'Install it with the system’s package manager (Debian, Ubuntu: apt install bubblewrap).';

/** What must hold inside; each is tried, none is taken from an error message alone. */
const probe = String.raw`
import os

def refused(action):
    try:
        action()
    except (OSError, AttributeError):
        return True
    return False

def network():
    import socket
    socket.socket().close()

def write(path):
    with open(path, 'w') as file:
        file.write('x')

def findings():
    held = {
        'processes': refused(os.fork),
        'network': refused(network),
        'user files': refused(lambda: open('/etc/passwd')) and refused(lambda: os.listdir('/home'))
            and refused(lambda: os.listdir('/root')) and refused(lambda: os.listdir('/proc')),
        'writing': all(refused(lambda: write(path + '/x')) for path in ('', '/tmp', '/dev', '/usr/lib')),
        'environment': set(os.environ) <= {'PYTHONHASHSEED', 'PYTHONUTF8', 'PWD', 'LC_CTYPE'},
        'identity': os.getuid() == 65534,
    }
    return [name for name, holds in held.items() if not holds]
`;

/** Another sandbox that may be had, tried only when it is needed; or why it cannot be had. */
export type SandboxSource = () => Promise<Sandbox | { refused: string }>;

/**
 * The sandbox this machine has, or why it has none. A refusal is for the user to read: code tasks
 * are then left out with that reason; nothing is ever run unconfined. `otherwise` is what the
 * caller can offer where bubblewrap is not to be had (windows with Pyodide).
 */
export async function findSandbox(
  otherwise?: SandboxSource,
): Promise<Sandbox | { refused: string }> {
  const found = await findBubblewrap();
  if (!('refused' in found) || otherwise === undefined) return found;
  const other = await otherwise();
  if (!('refused' in other)) return other;
  return { refused: `${sentence(found.refused)} Nor in a window: ${sentence(other.refused)}` };
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

async function findBubblewrap(): Promise<Sandbox | { refused: string }> {
  if (process.platform !== 'linux') {
    return refuse('model-written code runs in bubblewrap, which exists on Linux only');
  }
  if (!hasSeccompFilter(process.arch)) {
    return refuse(`there is no system call filter for ${process.arch} processors`);
  }
  const bubblewrap = bubblewrapPaths.find((path) => existsSync(path));
  if (bubblewrap === undefined) return refuse(`bubblewrap (bwrap) is not installed. ${install}`);
  const version = await versionOf(bubblewrap);
  if (version === null) return refuse(`${bubblewrap} --version gives no version`);
  if (isOlder(version, oldestVersion)) {
    return refuse(
      `bubblewrap ${version} is too old; ${oldestVersion.join('.')} or newer is needed`,
    );
  }
  const reasons: string[] = [];
  for (const path of pythonPaths) {
    if (!existsSync(path)) continue;
    const python = realpathSync(path);
    if (!python.startsWith('/usr/')) continue;
    const description = `bubblewrap ${version}, Python ${await versionOf(python)}`;
    const sandbox = bubblewrapSandbox({ bubblewrap, python }, description);
    const reason = await tryOut(sandbox);
    if (reason === null) return sandbox;
    reasons.push(reason);
  }
  return refuse(
    reasons[0] ?? 'there is no Python 3 under /usr for it to run (apt install python3)',
  );
}

/** Null when everything holds, else what is wrong. */
async function tryOut(sandbox: Sandbox): Promise<string | null> {
  try {
    const limits = { ...defaultLimits, wallSeconds: 10 };
    const process = await sandbox.start(candidateProgram, limits);
    try {
      process.send(JSON.stringify({ do: 'load', source: probe }));
      await process.receive();
      process.send(JSON.stringify({ do: 'call', name: 'findings', arguments: [], named: {} }));
      const answer = await process.receive();
      if ('ended' in answer) return `the probe inside it ended (${answer.ended.kind})`;
      const said = answer.line.toString('utf8');
      if (said === '{"value": ["list", []]}') return null;
      return `bubblewrap runs but does not keep code in; the probe found: ${said.slice(0, 300)}`;
    } finally {
      await process.kill();
    }
  } catch (error) {
    return toErrorDetails(error).message;
  }
}

async function versionOf(program: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(program, ['--version'], { env: {} });
    return /\d+(\.\d+)+/.exec(stdout)?.[0] ?? null;
  } catch {
    return null;
  }
}

function isOlder(version: string, than: number[]): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, wanted] of than.entries()) {
    const have = parts[index] ?? 0;
    if (have !== wanted) return have < wanted;
  }
  return false;
}

function refuse(reason: string): { refused: string } {
  return { refused: `No sandbox for code tasks: ${reason}` };
}
