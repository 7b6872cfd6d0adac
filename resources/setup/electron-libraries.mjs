/**
 * The system libraries Electron links against, and a display. A desktop has all of it; a bare server
 * has not. As root on Debian or Ubuntu they are installed, elsewhere one line says the exact command.
 */
import { findProgram, run } from './processes.mjs';
import { SetupError, step } from './report.mjs';

/** Debian's package for a library that `ldd` does not find; the rest comes as their dependency. */
const packageOf = {
  'libgtk-3.so.0': 'libgtk-3-0',
  'libnss3.so': 'libnss3',
  'libasound.so.2': 'libasound2',
  'libgbm.so.1': 'libgbm1',
};

async function missingLibraries(executable) {
  const { output } = await run('ldd', [executable]);
  return [...output.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1]);
}

const hasDisplay = () => Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);

/** Packages for what is missing. Any missing library asks for all four: they come in families. */
async function missingPackages(executable) {
  const libraries = await missingLibraries(executable);
  const packages = libraries.length > 0 ? Object.values(packageOf) : [];
  if (!hasDisplay()) {
    if (!findProgram('Xvfb')) packages.push('xvfb');
    if (!findProgram('xauth')) packages.push('xauth');
  }
  return { libraries, packages };
}

/** Newer releases renamed some packages for 64-bit time (libgtk-3-0t64). */
async function currentNames(packages) {
  const names = [];
  for (const name of packages) {
    const renamed = await run('apt-cache', ['show', '--quiet=2', `${name}t64`]);
    names.push(renamed.code === 0 && renamed.output.trim() !== '' ? `${name}t64` : name);
  }
  return names;
}

/** Makes sure that `executable` can start and has a display, real or virtual. */
export async function ensureLibraries(executable) {
  const before = await missingPackages(executable);
  if (before.packages.length === 0) return;
  const apt = findProgram('apt-get') !== null;
  const names = apt ? await currentNames(before.packages) : before.packages;
  const command = `apt-get install -y ${names.join(' ')}`;
  const problem =
    before.libraries.length > 0
      ? `Electron lacks system libraries (${before.libraries.join(', ')})`
      : 'There is no display, and no virtual one (Xvfb)';
  if (!apt || process.getuid?.() !== 0) {
    throw new SetupError(problem, `Install with: sudo ${command}`);
  }
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '--no-install-recommends', ...names];
  await step(`system packages ${names.join(' ')}`, async () => {
    const first = await run('apt-get', install, { env: environment });
    if (first.code === 0) return;
    // A fresh image has no package lists yet.
    await run('apt-get', ['update'], { env: environment });
    await run('apt-get', install, { env: environment });
  });
  const after = await missingPackages(executable);
  if (after.packages.length > 0) throw new SetupError(problem, `Install with: ${command}`);
}
