/**
 * XLA's own cache of compiled islands on disk: every stage opens a session of its own, and without the
 * cache each would compile the same islands again. Measured: the second session of a tiny joint stage
 * takes 3.9 s of processor time instead of 8.0 s, and computes the same bits (main/docs/).
 *
 * TensorFlow writes an entry beside its place and renames it, so a killed process leaves none torn; but
 * it fails on an entry that a power cut has torn. So the folder belongs to one boot of one machine, and
 * those of the machine's earlier boots are removed; other machines may share the home folder.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, homedir, hostname } from 'node:os';
import { join } from 'node:path';

/** The folder, made and cleared of old ones; null where it cannot be written. */
export function openCompileCache(tensorflowVersion: string): string | null {
  const home = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const parent = join(home, 'weak-driven-studio', 'compiled');
  const machine = `${tensorflowVersion}-${cpus()[0]?.model ?? ''}-${instructionSets()}-${bootId()}-${process.env['XLA_FLAGS'] ?? ''}`;
  const host = `${hostname().replace(/\W/g, '-')}-`;
  const name = host + createHash('sha256').update(machine).digest('hex').slice(0, 16);
  try {
    mkdirSync(join(parent, name), { recursive: true });
    const old = readdirSync(parent).filter((entry) => entry.startsWith(host) && entry !== name);
    for (const other of old) rmSync(join(parent, other), { recursive: true, force: true });
    return join(parent, name);
  } catch {
    return null;
  }
}

function bootId(): string {
  return readText('/proc/sys/kernel/random/boot_id');
}

function instructionSets(): string {
  return /^flags\s*:(.*)$/m.exec(readText('/proc/cpuinfo'))?.[1] ?? '';
}

/** Empty where the system has no such file: then the cache is never taken for an old one. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
