/**
 * Starts `wds`: set-up first (silent when all is there), then main/cli/wds.ts through tsx in the
 * environment that TensorFlow needs. On the CPU that is this very process, so that signals and exit
 * codes need no forwarding; for CUDA the library path must be set before the process starts: a child.
 * Under `npm run` the working directory is the project's; paths a user gives refer to their own.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from './paths.mjs';
import { exitWith } from './report.mjs';
import { readRuntimeRecord, runtimeEnvironment } from './runtime-record.mjs';
import { ensureSetup } from './setup.mjs';

await ensureSetup({ quiet: true }).catch(exitWith);

const userFolder = process.env.INIT_CWD;
if (userFolder && process.cwd() === projectRoot) process.chdir(userFolder);

const environment = runtimeEnvironment(readRuntimeRecord(), process.env);
if (environment.LD_LIBRARY_PATH === process.env.LD_LIBRARY_PATH) {
  Object.assign(process.env, environment);
  const { register } = await import('tsx/esm/api');
  register({ tsconfig: join(projectRoot, 'tsconfig.json') });
  process.argv[1] = join(projectRoot, 'main', 'cli', 'wds.ts');
  await import('../../main/cli/wds.ts');
} else {
  // The child finds its library path in place and takes the branch above.
  const child = spawn(process.execPath, process.argv.slice(1), {
    env: environment,
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
