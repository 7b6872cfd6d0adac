import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { chooseVariants, compare, findTorch, ratios, trainsWith, variants } from './compare.ts';

const folder = mkdtempSync(join(tmpdir(), 'bench-compare-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A program that answers both command lines and notes how it was called. */
function writeProgram(body: string): string {
  const file = join(folder, `program-${Math.random().toString(36).slice(2)}.mjs`);
  const note = `import { appendFileSync } from 'node:fs';
    const args = process.argv.slice(2);
    appendFileSync(${JSON.stringify(join(folder, 'calls.txt'))}, args.join(' ') + '\\n');`;
  writeFileSync(file, `#!${process.execPath}\n${note}\n${body}`, { mode: 0o755 });
  return file;
}

const options = {
  configFile: 'small.json',
  settings: ['T=64'],
  variants,
  rounds: 2,
  onStart: () => {},
};

describe('compare', () => {
  it('runs both programs in turn and gives medians and ratios', async () => {
    const program = writeProgram(`
      const has = (setting) => args.includes('--set=' + setting);
      const ours = args.includes('--json');
      const step = (ours ? 1 : has('compile=true') ? 2 : 4) / (has('precision=bf16') ? 2 : 1);
      console.log('a line of some library');
      console.log(JSON.stringify({ step_s_median: step, step_s_min: step / 2, cpu_s_median: 2 * step,
        tokens_per_s: 64 / step, peak_rss_bytes: ours ? 50 : 100 }));`);
    const order: string[] = [];
    const rows = await compare({
      ...options,
      python: program,
      ours: [program],
      onStart: (label) => order.push(label),
    });
    const labels = variants.map(({ label }) => label);
    expect(order).toEqual([...labels, ...labels]);
    expect(rows.map(({ stepSeconds }) => stepSeconds)).toEqual([1, 0.5, 0.5, 0.5, 4, 2, 2, 1]);
    expect(rows.every(({ rounds }) => rounds === 2)).toBe(true);
    expect(ratios(rows[1]!, rows)).toEqual({ toBest: 0.5, memoryToLeanest: 0.5 });
    expect(ratios(rows[0]!, rows.slice(0, 4))).toBeNull();
    const calls = readFileSync(join(folder, 'calls.txt'), 'utf8').trim().split('\n');
    expect(calls[0]).toBe('--config small.json --json --set=T=64 --set=precision=f32');
    expect(calls[5]).toMatch(/peer_step\.py small\.json --set=T=64 .*--set=compile=true$/);
  });

  it('names the variant that failed and what it said last', async () => {
    const program = writeProgram(
      `console.error('first'); console.error('no memory'); process.exit(1)`,
    );
    await expect(compare({ ...options, python: program, ours: [program] })).rejects.toThrow(
      'ours f32: no memory',
    );
  });
});

describe('chooseVariants', () => {
  const labelsOf = (...args: Parameters<typeof chooseVariants>): string[] =>
    chooseVariants(...args).map(({ label }) => label);
  const everything = { trains: true, multipliesBf16: true };

  it('compares no optimizer where nothing is trained', () => {
    expect(labelsOf([], everything)).toHaveLength(variants.length - 1);
    expect(labelsOf([], { ...everything, trains: trainsWith(['T=64', 'mode=entropy']) })).toEqual(
      labelsOf([], everything).filter((label) => label !== 'ours bf16, bf16 moments'),
    );
  });

  it('leaves bf16 out where the device does not multiply it, unless asked for', () => {
    const device = { trains: true, multipliesBf16: false };
    expect(labelsOf([], device)).toEqual([
      'ours f32',
      'ours bf16, f32 products',
      'torch f32 eager',
      'torch f32 compiled',
    ]);
    expect(labelsOf(['torch bf16 eager', 'ours f32'], device)).toEqual([
      'ours f32',
      'torch bf16 eager',
    ]);
  });
});

describe('findTorch', () => {
  it('takes the first Python that imports PyTorch', () => {
    const works = writeProgram('');
    const fails = writeProgram(`console.error("No module named 'torch'"); process.exit(1)`);
    expect(findTorch([join(folder, 'absent'), fails, works])).toBe(works);
    expect(() => findTorch([join(folder, 'absent'), fails])).toThrow(
      /absent is not there.*'torch'/,
    );
  });
});
