/**
 * Completes package-lock.json after dependencies changed. Native packages list one optional package per
 * platform; npm leaves those out of the lock file that the registry in use does not offer (and, a known
 * fault, sometimes others), and `npm ci` then refuses the file on every machine. What is left out is put
 * back as what it is: that version, optional, for that platform only.
 *
 *   node resources/setup/lockfile.mjs
 */
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { packageLockFile } from './paths.mjs';
import { say } from './report.mjs';

/** Whether `name`, required by the package at `path`, is found there or in a folder above it. */
function isLocked(packages, path, name) {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (packages[`${at ? `${at}/` : ''}node_modules/${name}`]) return true;
    if (at === '') return false;
  }
}

/** Optional dependencies without an entry: `[{ name, version, dev }]`. */
export function missingOptional(packages) {
  return Object.entries(packages).flatMap(([path, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !isLocked(packages, path, name))
      .map(([name, version]) => ({ name, version, dev: entry.dev === true })),
  );
}

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'sunos', 'win32'];
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64'];

/** The platform that a name such as `@x/binding-linux-arm64-musl` ends in. */
export function platformOf(name) {
  const words = name.split(/[^a-z0-9]+/);
  const libc = words.some((word) => word.startsWith('musl'))
    ? 'musl'
    : words.some((word) => word.startsWith('gnu'))
      ? 'glibc'
      : null;
  return {
    os: words.filter((word) => systems.includes(word)),
    cpu: words.filter((word) => processors.includes(word)),
    ...(libc && words.includes('linux') ? { libc: [libc] } : {}),
  };
}

export function completeLock(lock) {
  const packages = { ...lock.packages };
  const missing = missingOptional(packages);
  for (const { name, version, dev } of missing) {
    const platform = platformOf(name);
    if (platform.os.length !== 1 || platform.cpu.length !== 1 || !/^\d/.test(version)) {
      throw new Error(`Cannot tell the platform and version of ${name}@${version}`);
    }
    packages[`node_modules/${name}`] = {
      version,
      ...(dev ? { dev } : {}),
      optional: true,
      ...platform,
    };
  }
  const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  return { added: missing.length, lock: { ...lock, packages: Object.fromEntries(sorted) } };
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { added, lock } = completeLock(JSON.parse(readFileSync(packageLockFile, 'utf8')));
  if (added > 0) writeFileSync(packageLockFile, `${JSON.stringify(lock, null, 2)}\n`);
  say(`package-lock.json: ${added} optional packages added`);
}
