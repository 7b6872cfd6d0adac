/**
 * An evaluation that is killed with SIGKILL again and again ends with the very generations of one that
 * nobody disturbed, and generates nothing twice. Real processes, a real model, sampled: each
 * generation has to find its own random stream again.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EvaluationLine, EvaluationSummary } from '../../contract/evaluation.ts';

const wds = fileURLToPath(new URL('../../cli/wds.ts', import.meta.url));
const model = fileURLToPath(new URL('../../../resources/demo/base', import.meta.url));
const data = fileURLToPath(new URL('../../../resources/demo/held-out.jsonl', import.meta.url));
const items = 10;
const samples = 3;
const kills = 4;
let root = '';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'wds-eval-'));
  writeFileSync(
    join(root, 'task.yaml'),
    'name: kill\nanswer: { kind: number }\nsystem: none\nmaxNewTokens: 24\n' +
      'fields: { question: prompt, answer: completion }\n',
  );
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function start(folder: string) {
  const options = ['--limit', items, '--samples', samples, '--pass-at', '2', '--batch', 4];
  const args = ['--model', model, '--task', join(root, 'task.yaml'), '--data', data, ...options];
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', wds, 'eval', ...args.map(String), '--out', folder, '--json'],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, WDS_HOME: root } },
  );
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise<{ code: number | null; out: string; errors: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, out, errors })),
  );
  return { child, ended };
}

function rawLines(folder: string): string[] {
  const path = join(folder, 'items.jsonl');
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
}

/** Everything but the times, by item and sample. */
function generations(folder: string): unknown[] {
  return rawLines(folder)
    .map((line) => JSON.parse(line) as EvaluationLine)
    .sort((a, b) => a.item - b.item || a.sample - b.sample)
    .map((line) => ({ ...line, started: 0, time: 0 }));
}

/** Kills the child as soon as it has added this many lines. */
function killAfter(child: ReturnType<typeof start>['child'], folder: string, added: number) {
  const before = rawLines(folder).length;
  const timer = setInterval(() => {
    if (rawLines(folder).length < before + added) return;
    clearInterval(timer);
    child.kill('SIGKILL');
  }, 1);
  return () => clearInterval(timer);
}

test(`${kills} kills lose no finished item`, { timeout: 900_000 }, async () => {
  const undisturbed = join(root, 'undisturbed');
  const straight = await start(undisturbed).ended;
  expect(straight.code, straight.errors).toBe(0);
  const wanted = JSON.parse(straight.out) as EvaluationSummary;

  const folder = join(root, 'killed');
  let landed = 0;
  for (; landed < kills; landed++) {
    const before = rawLines(folder);
    const { child, ended } = start(folder);
    const cancel = killAfter(child, folder, landed + 1);
    const { code, errors } = await ended;
    cancel();
    // A kill that never lands proves nothing.
    expect(code, errors).toBeNull();
    expect(existsSync(join(folder, 'summary.json'))).toBe(false);
    const after = rawLines(folder);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.length).toBeGreaterThan(before.length);
    // What a kill in the middle of a write leaves.
    if (landed === 1) writeFileSync(join(folder, 'items.jsonl'), '{"item":0,"sam', { flag: 'a' });
  }
  const before = rawLines(folder);
  expect(before.length).toBeLessThan(items * samples);
  const last = await start(folder).ended;
  expect(last.code, last.errors).toBe(0);
  expect(last.errors).toContain(`${before.length} of them finished`);
  expect(rawLines(folder).slice(0, before.length)).toEqual(before);
  expect(rawLines(folder)).toHaveLength(items * samples);
  expect(generations(folder)).toEqual(generations(undisturbed));

  const summary = JSON.parse(last.out) as EvaluationSummary;
  const untimed = (each: EvaluationSummary) => ({ ...each, seconds: 0, finished: 0 });
  expect(untimed(summary)).toEqual(untimed(wanted));
  expect(JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'))).toEqual(summary);

  // Another evaluation does not go into the same folder.
  rmSync(join(root, 'task.yaml'));
  writeFileSync(
    join(root, 'task.yaml'),
    'name: kill\nanswer: { kind: number }\nsystem: none\nmaxNewTokens: 25\n' +
      'fields: { question: prompt, answer: completion }\n',
  );
  const other = await start(folder).ended;
  expect(other.code).toBe(1);
  expect(JSON.parse(other.out)).toMatchObject({ error: { code: 'run-invalid' } });
});
