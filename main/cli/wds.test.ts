import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mishaps } from '../fixtures/host/counting-pipeline.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'wds-'));
  mkdirSync(join(home, 'model'));
  writeFileSync(join(home, 'model', 'config.json'), '{}');
  writeFileSync(join(home, 'rows.jsonl'), '');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

function start(entry: string, args: string[]) {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, entry), ...args],
    {
      env: { ...process.env, WDS_HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const ended: Ended = { code: null, out: '', err: '' };
  child.stdout.on('data', (chunk) => (ended.out += String(chunk)));
  child.stderr.on('data', (chunk) => (ended.err += String(chunk)));
  const end = once(child, 'close').then(([code]) => ({ ...ended, code: code as number | null }));
  return { child, end };
}

const wds = (...args: string[]) => start('wds.ts', args).end;
/** The command line around a pipeline that only counts. */
const counting = (...args: string[]) => start('../fixtures/host/counting-wds.ts', args);
const inputs = () => ['--model', join(home, 'model'), '--data', join(home, 'rows.jsonl')];

describe('wds', () => {
  test('lists its commands, explains each, and says its version', async () => {
    const overview = await wds('--help');
    expect(overview.code).toBe(0);
    expect(overview.out).toMatch(/^ {2}runs +list the runs$/m);
    const help = await wds('stop', '--help');
    expect(help).toMatchObject({ code: 0, err: '' });
    expect(help.out).toMatch(/^wds stop RUN \[--json\]\n/);
    expect((await wds('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each([
    [['rusn'], 'error: There is no command rusn. Did you mean wds runs? wds --help lists them.\n'],
    [['constructor'], 'error: There is no command constructor. wds --help lists them.\n'],
    [
      ['runs', '--jsno'],
      'error: wds runs has no option --jsno. Did you mean --json? Usage: wds runs [--json]\n',
    ],
    [['stop'], 'error: RUN is missing. Usage: wds stop RUN [--json]\n'],
  ])('%j is misuse: one line, exit code 2', async (args, err) => {
    expect(await wds(...args)).toEqual({ code: 2, out: '', err });
  });

  test('a failure is one line with exit code 1, or one document', async () => {
    const message = `There is no run x in ${join(home, 'runs')}, nor a run's folder at that path.`;
    expect(await wds('stop', 'x')).toEqual({
      code: 1,
      out: '',
      err: `error: ${message} wds runs lists them.\n`,
    });
    const { code, out } = await wds('stop', 'x', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({
      error: { code: 'run-missing', message, hint: 'wds runs lists them.' },
    });
  });
});

describe('a run', () => {
  test('is made, worked on, listed, and shown as one document', async () => {
    const ended = await counting('run', ...inputs(), '--set', 'sft.steps=30', '--json').end;
    expect(ended).toMatchObject({ code: 0, err: '' });
    const document = JSON.parse(ended.out);
    expect(document).toMatchObject({ status: 'finished', summary: { step: 30 } });
    expect(existsSync(join(document.folder, 'result.txt'))).toBe(true);
    const listed = await wds('runs');
    expect(listed.out.split('\n')[1]).toMatch(
      new RegExp(`^${document.run} +finished +sft +30/30 +0\\.\\d+ +\\d{4}-`),
    );
    expect(JSON.parse((await wds('runs', '--json')).out)).toMatchObject([{ id: document.run }]);
  });

  test('in work is stopped from elsewhere with a checkpoint, and resumed to its end', async () => {
    const folder = join(home, 'mine');
    const many = ['--set', 'sft.steps=100000000', '--out', folder];
    const first = counting('run', ...inputs(), ...many);
    await once(first.child.stderr, 'data');
    const second = await counting('resume', folder).end;
    expect(second.code).toBe(1);
    expect(second.err).toContain(`already in work by process ${first.child.pid}`);
    expect(await wds('stop', folder)).toMatchObject({ code: 0, out: 'mine: stopped\n' });
    const ended = await first.end;
    expect(ended.code).toBe(0);
    expect(ended.err).toMatch(/Stopped in sft after step \d+\.\n$/);
    expect(ended.out).toContain(`To go on: wds resume ${folder}`);
    expect(await counting('run', ...inputs(), '--out', folder).end).toMatchObject({
      code: 1,
      err: `error: ${folder} already holds a run. Go on with it: wds resume ${folder}. Or choose another folder.\n`,
    });
  });

  test('that fails says why in one line; a defect says where the trace is', async () => {
    const set = (seed: number) => ['--set', `seed=${seed}`, '--set', 'name=bad'];
    const failed = await counting('run', ...inputs(), ...set(mishaps.dataInvalid)).end;
    expect(failed.code).toBe(1);
    expect(failed.err.split('\n').slice(-2)).toEqual(['error: Line 3. Fix it.', '']);
    const defect = await counting('run', ...inputs(), ...set(mishaps.defect)).end;
    expect(defect.err).not.toContain('    at ');
    const log = /This is a defect; (.*engine\.log) has the details\./.exec(defect.err)?.[1];
    expect(existsSync(log!)).toBe(true);
    const full = await counting('run', ...inputs(), ...set(mishaps.diskFull), '--json').end;
    expect(JSON.parse(full.out).error).toMatchObject({ code: 'disk-full' });
    expect(JSON.parse(full.out).error.hint).toMatch(/^Free some\. Then: wds resume bad-/);
  });

  test('whose inputs are missing leaves nothing behind', async () => {
    const ended = await counting('run', '--model', join(home, 'no'), '--data', 'x').end;
    expect(ended).toMatchObject({ code: 1, out: '' });
    expect(ended.err).toMatch(/^error: There is no .*no \(model\)\. .*\n$/);
    expect(readdirSync(home).sort()).toEqual(['model', 'rows.jsonl']);
  });
});
