import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { benchNames, qwen3ConfigOf, readBenchConfig } from './bench-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'bench-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const written = (content: unknown): string => {
  const file = join(folder, 'config.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};

describe('readBenchConfig', () => {
  it.each(benchNames)('reads %s, which the peer reads too', (name) => {
    const config = readBenchConfig(name, []);
    expect(config.name).toBe(name);
    expect(qwen3ConfigOf(config).vocabularySize).toBe(config.model.vocab_size);
  });

  it('takes settings in JSON or as plain text', () => {
    const config = readBenchConfig('small', ['mode=sft', 'T=64', 'gradient_checkpointing=true']);
    expect(config).toMatchObject({ mode: 'sft', T: 64, gradient_checkpointing: true });
  });

  it.each([
    [['mode=fast'], 'mode'],
    [['T=1'], 'T'],
    [['lambda=2'], 'lambda'],
    [['layers=3'], 'layers'],
    [['mode'], '--set mode'],
  ])('names the field of %j', (settings, field) => {
    expect(() => readBenchConfig('small', settings)).toThrow(field);
  });

  it('names what a file lacks, and a file that is no JSON object', () => {
    expect(() => readBenchConfig(written({ model: { hidden_size: 8 } }), [])).toThrow(
      'model.num_hidden_layers',
    );
    expect(() => readBenchConfig(written('{'), [])).toThrow('config.json');
    expect(() => readBenchConfig(written([]), [])).toThrow('no JSON object');
    expect(() => readBenchConfig(join(folder, 'absent.json'), [])).toThrow('absent.json');
  });
});
