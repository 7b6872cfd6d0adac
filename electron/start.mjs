/**
 * `npm start`: set-up, Electron's runtime, build, launch. Plain Node, so that it runs before anything
 * is installed.
 *
 *   node electron/start.mjs [--build-only] [-- arguments for the app]
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { moduleFolder, projectRoot } from '../resources/setup/paths.mjs';
import { exitWith, say } from '../resources/setup/report.mjs';
import { readRuntimeRecord, runtimeEnvironment } from '../resources/setup/runtime-record.mjs';
import { ensureSetup } from '../resources/setup/setup.mjs';
import { readyElectron, rootArguments } from './runtime.mjs';
import { supportEnded } from './supported-electron.mjs';

function run(command, args, environment = process.env) {
  const { status, signal, error } = spawnSync(command, args, {
    cwd: projectRoot,
    env: environment,
    stdio: 'inherit',
  });
  if (error) throw error;
  return signal === null ? (status ?? 1) : 1;
}

try {
  await ensureSetup({ quiet: true });
  const electron = await readyElectron();
  const builder = join(moduleFolder, 'electron-vite', 'bin', 'electron-vite.js');
  const built = run(process.execPath, [
    builder,
    'build',
    '--config',
    join('electron', 'electron.vite.config.ts'),
    '--logLevel',
    'warn',
  ]);
  if (built !== 0) process.exit(built);
  if (process.argv.includes('--build-only')) process.exit(0);
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    say('There is no display. On a server without one: xvfb-run -a npm start');
    process.exit(1);
  }
  const kind = electron.kind === 'official' ? 'official' : 'fallback';
  const ended = supportEnded(electron.version);
  const past = ended === null ? '' : `, without security updates since ${ended}`;
  say(`Electron ${electron.version} (${kind} runtime${past})`);
  const own = process.argv.slice(2).filter((argument) => argument !== '--');
  const environment = runtimeEnvironment(readRuntimeRecord(), process.env);
  process.exit(run(electron.executable, [...rootArguments, projectRoot, ...own], environment));
} catch (error) {
  exitWith(error);
}
