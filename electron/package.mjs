/**
 * `npm run package`: set-up, build, then electron-builder with the Electron runtime that is present,
 * into dist/: a folder and a tar.gz of it. Arguments go to electron-builder instead, e.g. `npm run
 * package -- --linux AppImage` where its tools can be had. The fuses are read back from the result: one
 * that is not as asked is a failure.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { moduleFolder, projectRoot } from '../resources/setup/paths.mjs';
import { exitWith, say } from '../resources/setup/report.mjs';
import { readFuses } from './fuses.mjs';
import { readyElectron } from './runtime.mjs';

function run(args) {
  const { status, error } = spawnSync(process.execPath, args, {
    cwd: projectRoot,
    stdio: 'inherit',
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** electron-builder.yml with the runtime at hand, and of its fuses those that this runtime has. */
async function completeConfig(electron) {
  const { parse } = await import('yaml');
  const config = parse(readFileSync(join(projectRoot, 'electron-builder.yml'), 'utf8'));
  const available = readFuses(electron.executable);
  const fuses = Object.entries(config.electronFuses);
  return {
    ...config,
    electronDist: dirname(electron.executable),
    electronVersion: electron.version,
    electronFuses: Object.fromEntries(fuses.filter(([name]) => Object.hasOwn(available, name))),
  };
}

function checkFuses(executable, wanted) {
  const found = readFuses(executable);
  const wrong = Object.keys(wanted).filter((name) => found[name] !== wanted[name]);
  if (wrong.length > 0) throw new Error(`${executable}: not as asked: ${wrong.join(', ')}`);
}

/** electron-builder's own tar.gz wants a program from a code host; every Linux has tar. */
function archive(folder) {
  const { name, version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
  const title = `${name}-${version}-linux-${process.arch}`;
  const file = join(dirname(folder), `${title}.tar.gz`);
  const rename = `s,^${basename(folder)},${title},`;
  const args = ['--transform', rename, '-czf', file, '-C', dirname(folder), basename(folder)];
  const { status, error } = spawnSync('tar', args, { stdio: 'inherit' });
  if (error || status !== 0) throw error ?? new Error(`tar failed with exit code ${status}`);
  return file;
}

try {
  run([join('electron', 'start.mjs'), '--build-only']);
  const electron = await readyElectron();
  const config = await completeConfig(electron);
  const configFile = join(projectRoot, config.directories.output, 'electron-builder.json');
  mkdirSync(dirname(configFile), { recursive: true });
  writeFileSync(configFile, JSON.stringify(config, null, 2));
  const asked = process.argv.slice(2);
  run([
    join(moduleFolder, 'electron-builder', 'cli.js'),
    ...(asked.length > 0 ? asked : ['--linux', 'dir']),
    '--config',
    configFile,
  ]);
  if (process.platform === 'linux') {
    const folder = join(dirname(configFile), 'linux-unpacked');
    checkFuses(join(folder, 'weak-driven-studio'), config.electronFuses);
    say(`packaged, with its fuses as asked: ${folder}`);
    if (asked.length === 0) say(`to hand on: ${archive(folder)}`);
  }
} catch (error) {
  exitWith(error);
}
