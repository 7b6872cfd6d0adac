/**
 * Who a process is, so that a pid that was given to another process later, or before a reboot, is
 * not taken for the one that wrote it down. Linux knows all of it in /proc; elsewhere the start
 * time is unknown and a living pid counts as the same process.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, uptime } from 'node:os';

export interface ProcessIdentity {
  pid: number;
  /** Field 22 of /proc/<pid>/stat, in clock ticks since boot; null where there is no /proc. */
  startTime: string | null;
  /** Changes with every boot; null where there is no /proc. */
  bootId: string | null;
  /** Milliseconds since 1970, to about a second. */
  bootTime: number;
  /** Pids of another namespace (container) say nothing about ours. */
  pidNamespace: string | null;
  host: string;
}

export type Liveness = 'alive' | 'dead' | 'unknown';

export function identifyProcess(pid = process.pid): ProcessIdentity {
  return {
    pid,
    startTime: readStat(pid)?.startTime ?? null,
    bootId: readText('/proc/sys/kernel/random/boot_id'),
    bootTime: Math.round(Date.now() - uptime() * 1000),
    pidNamespace: readNamespace(),
    host: hostname(),
  };
}

/** `unknown`: it lives, or lived, on another machine or in another container. */
export function livenessOf(other: ProcessIdentity): Liveness {
  const here = identifyProcess();
  const sameKernel =
    other.bootId !== null && here.bootId !== null
      ? other.bootId === here.bootId
      : Math.abs(other.bootTime - here.bootTime) < 60_000;
  if (!sameKernel) return other.host === here.host ? 'dead' : 'unknown';
  if (other.pidNamespace !== here.pidNamespace) return 'unknown';
  if (!pidExists(other.pid)) return 'dead';
  const now = readStat(other.pid);
  if (now === null) return 'alive';
  // A zombie has ended; its parent merely has not asked yet.
  if (now.state === 'Z' || now.state === 'X') return 'dead';
  return other.startTime === null || other.startTime === now.startTime ? 'alive' : 'dead';
}

function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function readStat(pid: number): { state: string; startTime: string } | null {
  const text = readText(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The second field is the name in parentheses and may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTime: fields[19] ?? '' };
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}

function readNamespace(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
  }
}
