import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import fixture from '../../fixtures/curriculum.json' with { type: 'json' };
import { curriculum } from './curriculum.ts';

let folder: string;
let printed: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'curriculum-'));
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((printed += text)));
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const at = (name: string) => join(folder, name);

function entropyFile(name: string, values: readonly (number | string)[], ids = values.map(String)) {
  const lines = values.map(
    (value, row) => `{"id":"${ids[row]}-${row}","entropy":${value},"tokens":3}`,
  );
  writeFileSync(at(name), `${lines.join('\n')}\n`);
  return at(name);
}

const rowIds = (values: readonly unknown[]) => values.map(() => 'row');

function weightsIn(path: string): { id: string; weight: number }[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('wds curriculum', () => {
  it('writes the weights and the draws of numpy', async () => {
    const index = 36;
    const known = fixture.adaboost[index]!;
    const draw = fixture.choice.find((choice) => choice.case === index && choice.seed === 42)!;
    const code = await curriculum([
      '--entropy',
      entropyFile('0.jsonl', known.H0, rowIds(known.H0)),
      entropyFile('1.jsonl', known.H1, rowIds(known.H1)),
      `--alpha=${known.alpha}`,
      `--beta=${known.beta}`,
      `--gamma=${known.gamma}`,
      `--multiplier=${draw.size / draw.n}`,
      `--out=${at('weights.jsonl')}`,
      `--sample=${at('sample.json')}`,
      '--json',
    ]);
    expect(code).toBe(0);
    const lines = weightsIn(at('weights.jsonl'));
    expect(lines.map((line) => line.id)).toEqual(known.H0.map((_, row) => `row-${row}`));
    lines.forEach((line, row) => {
      const { probabilities } = known.expected;
      expect(Math.abs(line.weight - probabilities[row]!)).toBeLessThan(1e-12);
      expect(line).toMatchObject({ entropy0: known.H0[row], entropy1: known.H1[row] });
    });
    expect(JSON.parse(readFileSync(at('sample.json'), 'utf8'))).toEqual({
      seed: 42,
      size: draw.size,
      indices: draw.indices,
    });
    expect(JSON.parse(printed)).toMatchObject({ rows: 64, drawn: draw.size, isUniform: false });
    expect(readdirSync(folder).sort()).toEqual([
      '0.jsonl',
      '1.jsonl',
      'sample.json',
      'weights.jsonl',
    ]);
  });

  it('weighs three models by brownboost', async () => {
    const known = fixture.brownboost.at(-1)!;
    const files = [known.H0, known.H1, known.H2].map((values, model) =>
      entropyFile(`${model}.jsonl`, values, rowIds(values)),
    );
    const args = ['--scheme', 'brownboost', '--entropy', ...files, '--out', at('w.jsonl')];
    expect(await curriculum(args)).toBe(0);
    weightsIn(at('w.jsonl')).forEach((line, row) => {
      expect(Math.abs(line.weight - known.expected.weights[row]!)).toBeLessThan(1e-12);
      expect(line).toMatchObject({ entropy2: known.H2[row] });
    });
    expect(printed).toMatch(/^64 samples weighed .* 64 drawn, \d+ of them different/);
  });

  it('takes all samples as equally likely when no term applies, and says so', async () => {
    const files = [entropyFile('0', [0, 0], ['a', 'a']), entropyFile('1', [0, 0], ['a', 'a'])];
    await curriculum(['--entropy', ...files, '--out', at('w.jsonl'), '--json']);
    expect(weightsIn(at('w.jsonl')).map((line) => line.weight)).toEqual([0.5, 0.5]);
    expect(JSON.parse(printed).isUniform).toBe(true);
    expect(process.stderr.write).toHaveBeenCalledOnce();
  });

  it.each([
    [['--entropy', 'a', 'b', '--oout', 'x'], 'no option --oout. Did you mean --out?'],
    [['--entropy', 'a', '--out', 'x'], 'needs 2 entropy files, not 1'],
    [['--entropy', 'a', 'b', 'c', '--out', 'x'], 'needs 2 entropy files, not 3'],
    [['--entropy', 'a', 'b', '--scheme', 'brownboost', '--out', 'x'], 'needs 3 entropy files'],
    [['--entropy', 'a', 'b', '--scheme', 'ada', '--out', 'x'], 'not "ada"'],
    [['--entropy', 'a', 'b', '--seed', '-1', '--out', 'x'], '--seed must be a whole number'],
    [['--entropy', 'a', 'b', '--alpha', 'x', '--out', 'x'], '--alpha must be a number'],
    [['--entropy', 'a', 'b'], '--out is missing'],
  ])('is misused: %j', async (args, message) => {
    await expect(curriculum(args)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ['{"id":1,"entropy":NaN}', 'file-1, line 2: the entropy is NaN'],
    ['{"id":1,"entropy":-Infinity}', 'file-1, line 2: the entropy is -Infinity'],
    ['{"id":1,"entropy":null}', 'file-1, line 2: the entropy of 1 is null'],
    ['{"id":1,"entropy":-2}', 'file-1, row 2 (id 1): the entropy is -2'],
    ['{"id":0,"entropy":2}', 'file-1, row 2: the id 0 is there twice'],
    ['{"id":2,"entropy":2}', 'row 2: the id 1 is missing in'],
    ['{"entropy":2}', 'file-1, line 2: there is no "id"'],
    ['null', 'file-1, line 2: there is no "id"'],
    ['{"id":', 'file-1, line 2: this is not JSON'],
  ])('names a bad line and writes nothing: %s', async (line, message) => {
    writeFileSync(at('file-0'), '{"id":0,"entropy":1}\n{"id":1,"entropy":1}\n');
    writeFileSync(at('file-1'), `{"id":0,"entropy":1}\n${line}\n`);
    const args = ['--entropy', at('file-0'), at('file-1'), '--out', at('w'), '--sample', at('s')];
    await expect(curriculum(args)).rejects.toMatchObject({
      code: 'entropy-invalid',
      message: expect.stringContaining(message),
    });
    expect(readdirSync(folder)).toEqual(['file-0', 'file-1']);
  });

  it('names missing files, bad weights and folders that do not exist', async () => {
    const files = [entropyFile('0', [1, 2], ['a', 'a']), entropyFile('1', [2, 1], ['a', 'a'])];
    const run = (...args: string[]) => curriculum(['--entropy', ...args]);
    await expect(run(at('no'), files[1]!, '--out', at('w'))).rejects.toMatchObject({
      code: 'file-missing',
    });
    await expect(run(...files, '--alpha=-1', '--out', at('w'))).rejects.toMatchObject({
      code: 'curriculum-invalid',
    });
    await expect(run(...files, '--multiplier', '0.1', '--out', at('w'))).rejects.toMatchObject({
      code: 'curriculum-invalid',
    });
    await expect(run(...files, '--out', at('no/w'))).rejects.toMatchObject({
      code: 'file-unwritable',
    });
  });
});
