/**
 * The npm packages of package-lock.json. Install scripts stay off: one of them would download an old
 * libtensorflow. `npm install <package>` by a developer leaves node_modules matching the new lock file,
 * so what is compared is npm's own record of what it installed, not only our stamp.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { moduleFolder, packageLockFile, projectRoot } from './paths.mjs';
import { findProgram, run } from './processes.mjs';
import { SetupError, step } from './report.mjs';

const readPackages = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;

/** Whether `installed` (npm's hidden lock file) has all that `wanted` (package-lock.json) asks for. */
export function packagesMatch(wanted, installed, exists) {
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    // Packages for other platforms are optional and absent.
    if (!found) return entry.optional === true || entry.devOptional === true;
    return found.version === entry.version && found.integrity === entry.integrity && exists(path);
  });
}

function areInstalled() {
  try {
    return packagesMatch(
      readPackages(packageLockFile),
      readPackages(join(moduleFolder, '.package-lock.json')),
      (path) => existsSync(join(projectRoot, path, 'package.json')),
    );
  } catch {
    return false;
  }
}

const networkFailure =
  /EAI_AGAIN|ENOTFOUND|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|ERR_SOCKET/;

export async function installPackages() {
  if (areInstalled()) return;
  // Under `npm run` npm says where it lies; it need not be on PATH then.
  const runningNpm = process.env.npm_execpath ?? '';
  const [command, ...first] =
    basename(runningNpm) === 'npm-cli.js' ? [process.execPath, runningNpm] : ['npm'];
  if (command === 'npm' && !findProgram('npm')) {
    throw new SetupError('npm is missing', 'Install it with Node.js, or: apt-get install npm');
  }
  const args = ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund'];
  const { code, output } = await step('npm packages', () =>
    run(command, [...first, ...args, '--loglevel=error'], { cwd: projectRoot }),
  );
  if (code === 0) return;
  if (networkFailure.test(output)) {
    throw new SetupError(
      'The npm registry cannot be reached',
      'Check the network, or the proxy and registry in `npm config list`, and run it again',
    );
  }
  if (/ENOSPC|EDQUOT/.test(output)) {
    throw new SetupError('The disk is full', `Free about 1 GB in ${projectRoot} and run it again`);
  }
  const reason = /npm error (?!code|errno|syscall|A complete log)(.+)/.exec(output)?.[1] ?? '';
  throw new SetupError(
    `npm ci failed${reason ? `: ${reason.replace(/\.$/, '')}` : ` with exit code ${code}`}`,
    'Run `npm ci --ignore-scripts` to see all of its output',
  );
}
