/**
 * Who used the processors between two moments: the engine, the app as a whole, the machine. A timed
 * check judges only where the app had the machine for itself. Linux: elsewhere the app's share is
 * not read, and everything counts as the app's.
 */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Studio } from './studio.ts';

/** Seconds of processor time so far. */
export interface ProcessorTimes {
  engine: number;
  app: number;
  machine: number;
  wall: number;
}

export interface ProcessorUse {
  /** Cores in use on average. */
  engine: number;
  others: number;
  cores: number;
}

export async function processorTimes({ app }: Studio): Promise<ProcessorTimes> {
  const processes = await app.evaluate(({ app: shell }) =>
    shell.getAppMetrics().map(({ pid, name, serviceName }) => ({
      pid,
      isEngine: `${name} ${serviceName}`.includes('engine'),
    })),
  );
  const sum = (pids: { pid: number }[]): number =>
    pids.reduce((seconds, { pid }) => seconds + secondsOf(pid), 0);
  const busy = cpus().reduce((total, { times }) => total + times.user + times.nice + times.sys, 0);
  return {
    engine: sum(processes.filter(({ isEngine }) => isEngine)),
    app: sum(processes),
    machine: busy / 1000,
    wall: performance.now() / 1000,
  };
}

export function useBetween(before: ProcessorTimes, after: ProcessorTimes): ProcessorUse {
  const wall = after.wall - before.wall;
  const own = after.app - before.app;
  const machine = after.machine - before.machine;
  return {
    engine: (after.engine - before.engine) / wall,
    others: process.platform === 'linux' ? Math.max(0, machine - own) / wall : 0,
    cores: cpus().length,
  };
}

/** User and system time of a process, from /proc/PID/stat in hundredths of a second. */
function secondsOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}
