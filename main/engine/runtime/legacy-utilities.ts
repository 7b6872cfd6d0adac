/**
 * Node.js 23 removed `util.isNullOrUndefined` and `util.isArray`, which tfjs-node 4.22 still calls.
 * They are put back before it is loaded, with their old meaning, where they are missing.
 */
import { createRequire } from 'node:module';

export function addLegacyUtilities(): void {
  // The CommonJS object is the one tfjs-node gets; an ES import would be a frozen view of it.
  const utilities = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  utilities['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  utilities['isArray'] ??= Array.isArray;
}
