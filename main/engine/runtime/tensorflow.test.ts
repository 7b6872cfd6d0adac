import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { StudioError } from '../../contract/errors.ts';
import { describeRuntime } from './describe-runtime.ts';
import { addLegacyUtilities } from './legacy-utilities.ts';
import { readRuntime } from './runtime-record.ts';
import { loadTensorFlow } from './tensorflow.ts';

const folder = mkdtempSync(join(tmpdir(), 'runtime-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('loadTensorFlow', () => {
  it('loads once, and computes', () => {
    const tf = loadTensorFlow();
    expect(loadTensorFlow()).toBe(tf);
    const product = tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]]));
    expect(product.dataSync()[0]).toBe(11);
  });

  it('is the version that the record names', () => {
    const addon = createRequire(import.meta.url)(describeRuntime().addon) as { TF_Version: string };
    expect(addon.TF_Version).toBe(describeRuntime().tensorflow);
  });
});

describe('readRuntime', () => {
  const codeOf = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      if (error instanceof StudioError) return [error.code, error.message];
    }
    return null;
  };

  it('says what is absent: the record, then the addon', () => {
    expect(codeOf(() => readRuntime(folder))).toEqual([
      'runtime-missing',
      expect.stringContaining('runtime.json'),
    ]);
    const installed = readRuntime();
    const record = join(dirname(dirname(dirname(installed.addon))), 'deps', 'runtime.json');
    mkdirSync(join(folder, 'deps'));
    cpSync(record, join(folder, 'deps', 'runtime.json'));
    expect(codeOf(() => readRuntime(folder))).toEqual([
      'runtime-missing',
      expect.stringContaining('tfjs_binding.node'),
    ]);
  });

  it('says when a library has gone from the cache', () => {
    const other = join(folder, 'other');
    mkdirSync(join(other, 'deps'), { recursive: true });
    mkdirSync(join(other, 'lib', 'napi-v8'), { recursive: true });
    cpSync(readRuntime().addon, join(other, 'lib', 'napi-v8', 'tfjs_binding.node'));
    const record = { ...readRuntime(), libraries: join(folder, 'gone') };
    writeFileSync(join(other, 'deps', 'runtime.json'), JSON.stringify(record));
    expect(codeOf(() => readRuntime(other))).toEqual([
      'runtime-missing',
      expect.stringContaining('libtensorflow_cc.so.2'),
    ]);
  });
});

describe('addLegacyUtilities', () => {
  it('puts back what newer Node.js versions lack, with the old meaning', () => {
    const utilities = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
    const before = { isArray: utilities['isArray'], isNull: utilities['isNullOrUndefined'] };
    delete utilities['isArray'];
    delete utilities['isNullOrUndefined'];
    try {
      addLegacyUtilities();
      const isNullOrUndefined = utilities['isNullOrUndefined'] as (value: unknown) => boolean;
      expect([null, undefined, 0, ''].map(isNullOrUndefined)).toEqual([true, true, false, false]);
      expect(utilities['isArray']).toBe(Array.isArray);
    } finally {
      utilities['isArray'] = before.isArray;
      utilities['isNullOrUndefined'] = before.isNull;
    }
  });
});
