/**
 * Electron's fuses as they stand in an executable: one byte each behind a fixed sentinel, '0' off, '1'
 * on, 'r' removed. Older runtimes have fewer; one that is not there cannot be set, and need not be.
 */
import { readFileSync } from 'node:fs';

const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
/** In the order of the wire; names as in electron-builder.yml. */
const names = [
  'runAsNode',
  'enableCookieEncryption',
  'enableNodeOptionsEnvironmentVariable',
  'enableNodeCliInspectArguments',
  'enableEmbeddedAsarIntegrityValidation',
  'onlyLoadAppFromAsar',
  'loadBrowserProcessSpecificV8Snapshot',
  'grantFileProtocolExtraPrivileges',
];

/** @returns {Record<string, boolean | null>} null: removed. Throws when there is no wire. */
export function readFuses(executable) {
  const binary = readFileSync(executable);
  const at = binary.indexOf(sentinel);
  if (at < 0) throw new Error(`${executable} has no fuses`);
  const [version, length] = binary.subarray(at + sentinel.length);
  if (version !== 1) throw new Error(`${executable}: fuse wire version ${version} is not known`);
  const wire = binary.subarray(at + sentinel.length + 2, at + sentinel.length + 2 + length);
  const state = { 0x30: false, 0x31: true };
  return Object.fromEntries(
    names.slice(0, length).map((name, index) => [name, state[wire[index]] ?? null]),
  );
}
