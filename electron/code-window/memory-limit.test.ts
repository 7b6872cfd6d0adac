/** A module of ours and Pyodide's own: both run as before and stop growing at the lower limit. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';

const require = createRequire(import.meta.url);
const { limitMemory } = require('./memory-limit.cjs') as {
  limitMemory(module: Buffer, limitBytes: number): Buffer;
};

/** What Node has of WebAssembly; the project's types are without a browser's. */
interface Memory {
  buffer: ArrayBuffer;
  grow(pages: number): number;
}
const { Instance, Module } = (globalThis as unknown as Record<string, unknown>)['WebAssembly'] as {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: Record<string, Memory> };
};

const page = 65536;
/** (module (memory (export "m") 1 65536)) */
const growing = Buffer.from('0061736d01000000' + '0506010101808004' + '0705' + '01016d0200', 'hex');

function growTo(bytes: Buffer): number {
  const { exports } = new Instance(new Module(new Uint8Array(bytes)));
  const memory = exports['m'] as Memory;
  try {
    for (;;) memory.grow(1);
  } catch {
    return memory.buffer.byteLength;
  }
}

describe('the limit on a WebAssembly memory', () => {
  it.each([1, 2, 200])('is kept at %i pages', (pages) => {
    expect(growTo(limitMemory(growing, pages * page))).toBe(pages * page);
  });

  it('is never below what the module starts with, nor above its own', () => {
    expect(growTo(limitMemory(growing, 10))).toBe(page);
    expect(limitMemory(growing, 2 ** 40)).toEqual(growing);
  });

  it('changes three bytes of Pyodide', () => {
    const module = readFileSync(require.resolve('pyodide/pyodide.asm.wasm'));
    const limited = limitMemory(module, 512 * 2 ** 20);
    expect(limited.length).toBe(module.length);
    const changed = [...module.keys()].filter((at) => module[at] !== limited[at]);
    expect(changed.length).toBeLessThanOrEqual(3);
    expect(changed.length).toBeGreaterThan(0);
  });

  it('refuses what is no module', () => {
    expect(() => limitMemory(Buffer.from('not a module'), page)).toThrow(
      'Not a WebAssembly module',
    );
    expect(() => limitMemory(growing.subarray(0, 8), page)).toThrow('no memory of its own');
  });
});
