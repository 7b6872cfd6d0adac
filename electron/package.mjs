/**
 * `npm run package`: set-up, build, then electron-builder with the Electron runtime that is present,
 * into dist/. Arguments go to electron-builder, e.g. `npm run package -- --linux AppImage`.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { moduleFolder, projectRoot } from '../resources/setup/paths.mjs';
import { exitWith } from '../resources/setup/report.mjs';
import { readyElectron } from './runtime.mjs';

function run(args) {
  const { status, error } = spawnSync(process.execPath, args, {
    cwd: projectRoot,
    stdio: 'inherit',
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

try {
  run([join('electron', 'start.mjs'), '--build-only']);
  const electron = await readyElectron();
  const asked = process.argv.slice(2);
  run([
    join(moduleFolder, 'electron-builder', 'cli.js'),
    ...(asked.length > 0 ? asked : ['--linux', 'dir']),
    `-c.electronDist=${dirname(electron.executable)}`,
    `-c.electronVersion=${electron.version}`,
  ]);
} catch (error) {
  exitWith(error);
}
