/**
 * Child processes and the one lock. Two set-ups at once wait for one another; a set-up that was killed
 * leaves a lock whose owner is gone, which the next one takes over after ending the child (npm, pip)
 * that the dead one may have left working in the same folders. Owners and children are told from later
 * processes with the same number by their start time.
 */
import { spawn } from 'node:child_process';
import {
  accessSync,
  appendFileSync,
  constants,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockFile, logFile } from './paths.mjs';
import { say } from './report.mjs';

/** Ticks since boot when the process started (field 22 of /proc/PID/stat), or null when it is gone. */
function startTime(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

const identify = (pid) => ({ pid, started: startTime(pid) });
const isAlive = (one) => one && one.started !== null && startTime(one.pid) === one.started;

let held = false;

function writeLock(child) {
  const next = `${lockFile}.${process.pid}`;
  writeFileSync(next, JSON.stringify({ owner: identify(process.pid), child }));
  return next;
}

function readLock() {
  try {
    return readFileSync(lockFile, 'utf8');
  } catch {
    return null;
  }
}

function parseLock(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

async function endOrphan(child) {
  if (!isAlive(child)) return;
  process.kill(child.pid, 'SIGKILL');
  while (isAlive(child)) await sleep(20);
}

/** Moves a dead owner's lock away; when another took it over in between, theirs is put back. */
function removeStale(text) {
  const aside = `${lockFile}.stale.${process.pid}`;
  try {
    renameSync(lockFile, aside);
    if (readFileSync(aside, 'utf8') !== text) linkSync(aside, lockFile);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  }
  rmSync(aside, { force: true });
}

/** Waits until this process is the only one setting up, runs `work`, lets the next one in. */
export async function withLock(work) {
  mkdirSync(dirname(lockFile), { recursive: true });
  for (let waiting = false; ;) {
    const own = writeLock(null);
    try {
      linkSync(own, lockFile);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    } finally {
      rmSync(own, { force: true });
    }
    const text = readLock();
    if (text === null) continue;
    const { owner, child } = parseLock(text);
    if (isAlive(owner)) {
      if (!waiting) say(`waiting for another set-up (process ${owner.pid})`);
      waiting = true;
      await sleep(200);
    } else {
      await endOrphan(child);
      removeStale(text);
    }
  }
  held = true;
  try {
    return await work();
  } finally {
    held = false;
    rmSync(lockFile, { force: true });
  }
}

/**
 * Runs a program to its end; output goes to the log and back to the caller. Never rejects for a
 * program that fails: `code` is its exit code, 127 when it cannot be started, null when killed.
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const take = (data) => {
      output += data;
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    if (held && child.pid !== undefined) renameSync(writeLock(identify(child.pid)), lockFile);
    options.onStart?.(child);
    const finish = (code) => {
      if (held) {
        const text = `$ ${[command, ...args].join(' ')}\n${output}[exit code ${code}]\n\n`;
        appendFileSync(logFile, text);
      }
      resolve({ code, output });
    };
    child.on('error', (error) => {
      output += error.message;
      finish(127);
    });
    child.on('close', finish);
  });
}

/** The path of a program, or null. */
export function findProgram(name) {
  if (name.includes('/')) return isExecutable(name) ? name : null;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder && isExecutable(join(folder, name))) return join(folder, name);
  }
  return null;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
