import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runConfigSchema } from '../contract/config.ts';
import { openEventLog } from './event-log.ts';
import { defaultRunsRoot, isRunId, makeRunId } from './run-folders.ts';
import { acquireRunLock } from './run-lock.ts';
import {
  createRun,
  createRunAt,
  deleteRun,
  duplicateRun,
  findRun,
  listRuns,
  measureRun,
  readRunConfig,
  readRunSummary,
  renameRun,
} from './run-store.ts';

let folder: string;
let root: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
  root = join(folder, 'runs');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const config = (name?: string) =>
  runConfigSchema.parse({ ...(name && { name }), model: '/m/qwen', data: { file: '/d.jsonl' } });

test('the root follows WDS_HOME, then XDG_DATA_HOME', () => {
  expect(defaultRunsRoot({ WDS_HOME: '/w', XDG_DATA_HOME: '/x' })).toBe('/w/runs');
  expect(defaultRunsRoot({ XDG_DATA_HOME: '/x' })).toBe('/x/weak-driven-studio/runs');
});

test.each([
  ['GSM8K, erster Versuch – größer', 'GSM8K-erster-Versuch-gro-er-260102-030405'],
  ['../../etc/passwd', 'etc-passwd-260102-030405'],
  ['.hidden', 'hidden-260102-030405'],
  ['测试', 'run-260102-030405'],
])('the id of %j is safe', (name, id) => {
  expect(makeRunId(name, new Date('2026-01-02T03:04:05Z'))).toBe(id);
  expect(isRunId(id)).toBe(true);
});

describe('runs', () => {
  test('are created with their config, listed newest first, found by id and by path', () => {
    const first = createRun(root, config('one'));
    const second = createRun(root, config('one'));
    expect(first).not.toBe(second);
    mkdirSync(join(root, 'no-run'));
    mkdirSync(join(root, 'damaged'));
    writeFileSync(join(root, 'damaged', 'config.json'), '{');
    expect(readRunConfig(first)).toEqual(config('one'));
    const runs = listRuns(root);
    expect(runs.map((run) => run.id).sort()).toEqual([basename(first), basename(second)].sort());
    expect(runs[0]).toMatchObject({ name: 'one', status: 'created', model: '/m/qwen' });
    expect(findRun(root, basename(first))).toBe(first);
    expect(findRun('/nowhere', first)).toBe(first);
    expect(() => findRun(root, 'two')).toThrow('There is no run two');
    expect(listRuns(join(folder, 'nothing'))).toEqual([]);
  });

  test('may lie in an empty folder of the user, but in no other', () => {
    const own = join(folder, 'my run');
    expect(createRunAt(own, config())).toBe(own);
    expect(readRunSummary(own).id).toBe('my run');
    expect(() => createRunAt(own, config())).toThrow('already holds a run');
    expect(() => createRunAt(folder, config())).toThrow('is not an empty folder');
    const file = join(folder, 'file');
    writeFileSync(file, 'x');
    expect(() => createRunAt(file, config())).toThrow('is not an empty folder');
    expect(() => createRunAt(join(file, 'below'), config())).toThrow(/does not exist|cannot be/);
  });

  test('keep a later name, and are copied with it', () => {
    const run = createRun(root, config('one'));
    renameRun(run, 'the good one');
    expect(readRunSummary(run).name).toBe('the good one');
    const copy = duplicateRun(root, run);
    expect(readRunSummary(copy)).toMatchObject({ name: 'the good one copy', status: 'created' });
    expect(basename(copy)).toMatch(/^the-good-one-copy-/);
  });

  test('are deleted whole, unless they are in work', () => {
    const run = createRun(root, config('one'));
    const lock = acquireRunLock(run);
    expect(() => deleteRun(run)).toThrow('already in work');
    lock.release();
    deleteRun(run);
    expect(existsSync(run)).toBe(false);
    expect(readdirSync(root)).toEqual([]);
  });

  test('are measured without counting a file with two names twice', () => {
    const run = createRun(root, config('one'));
    const before = measureRun(run);
    mkdirSync(join(run, 'checkpoints'));
    writeFileSync(join(run, 'checkpoints', 'a'), Buffer.alloc(5000));
    linkSync(join(run, 'checkpoints', 'a'), join(run, 'checkpoints', 'b'));
    expect(measureRun(run)).toBe(before + 5000);
  });

  test('show what their log says when status.json is lost', () => {
    const run = createRun(root, config('one'));
    const log = openEventLog(join(run, 'events.jsonl'), 'one');
    log.append({ kind: 'run-started', resumed: false, version: '1', device: 'cpu', threads: 2 });
    log.append({ kind: 'stage-started', stage: 'sft', title: 'SFT' });
    writeFileSync(join(run, 'status.json'), '{"summ');
    expect(readRunSummary(run)).toMatchObject({ status: 'interrupted', stage: 'sft' });
    const error = { code: 'data-invalid', message: 'Line 3', hint: 'Fix it.' } as const;
    log.append({ kind: 'run-failed', error });
    log.close();
    rmSync(join(run, 'status.json'));
    expect(readRunSummary(run)).toMatchObject({ status: 'failed', error });
  });
});
