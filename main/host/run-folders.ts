/** Where runs lie on this machine, and what their folders are called. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** $WDS_HOME, else the platform's folder for the data of programs. */
export function dataHome(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment['WDS_HOME']) return resolve(environment['WDS_HOME']);
  const folder = 'weak-driven-studio';
  if (environment['XDG_DATA_HOME']) return join(environment['XDG_DATA_HOME'], folder);
  if (process.platform === 'darwin') {
    return join(homedir(), 'Library', 'Application Support', folder);
  }
  if (process.platform === 'win32') {
    return join(environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), folder);
  }
  return join(homedir(), '.local', 'share', folder);
}

/** Evaluations, each in a folder of its own. */
export function evaluationsRoot(environment: NodeJS.ProcessEnv = process.env): string {
  return join(dataHome(environment), 'evaluations');
}

export function defaultRunsRoot(environment: NodeJS.ProcessEnv = process.env): string {
  return join(dataHome(environment), 'runs');
}

const safeName = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,119}$/;

export function isRunId(name: string): boolean {
  return safeName.test(name);
}

/** E.g. "arithmetic-260214-093012": the name in safe characters, and the time (UTC). */
export function makeRunId(name: string, time = new Date()): string {
  const slug = name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9_]+|[^A-Za-z0-9]+$/g, '')
    .slice(0, 60);
  const digits = time.toISOString().replace(/\D/g, '');
  return `${slug || 'run'}-${digits.slice(2, 8)}-${digits.slice(8, 14)}`;
}
