/**
 * What the judge says of honest programs: canonical solutions pass, broken ones do not, and each way
 * of failing has its name. The whole sets run where they are supplied:
 * WDS_HUMANEVAL=HumanEval.jsonl and WDS_MBPP=mbpp.jsonl (both unpacked).
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bubblewrapSandbox } from './bubblewrap.ts';
import { findSandbox } from './find-sandbox.ts';
import { runCodeTask } from './run-code-task.ts';
import type { CodeProgram, CodeVerdict } from './run-code-task.ts';
import type { Sandbox } from './sandbox.ts';

const found = await findSandbox();
const reason = 'refused' in found ? ` (skipped: ${found.refused})` : '';
if (reason) process.stderr.write(`code tasks${reason}\n`);
const fixtures = new URL('../../../fixtures/sandbox/', import.meta.url);

interface HumanEvalRow {
  task_id: string;
  prompt: string;
  canonical_solution: string;
  test: string;
  entry_point: string;
}
interface MbppRow {
  task_id: number;
  code: string;
  test_setup_code: string;
  test_list: string[];
}

function readRows<Row>(path: string | URL): Row[] {
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Row);
}

/** The row with each of these programs, by name. */
function humanEval(row: HumanEvalRow): Record<string, CodeProgram> {
  const { prompt: setup, test, entry_point: entryPoint } = row;
  const program = (body: string): CodeProgram => {
    return { kind: 'humaneval', candidate: setup + body, setup, test, entryPoint };
  };
  return { canonical: program(row.canonical_solution), broken: program('    return None\n') };
}

function mbpp(row: MbppRow): Record<string, CodeProgram> {
  const program = (candidate: string): CodeProgram => {
    const test = row.test_list.join('\n');
    return { kind: 'mbpp', candidate, setup: row.test_setup_code, test };
  };
  const functions = [...row.code.matchAll(/^def (\w+)/gm)].map((match) => match[1]);
  const broken = functions.map((name) => `def ${name}(*_, **__):\n    return None\n`);
  return { canonical: program(row.code), broken: program(`${row.code}\n${broken.join('\n')}`) };
}

/** A few at a time. The names of the rows whose verdicts are not as they should be. */
async function surprises(programs: [string, Record<string, CodeProgram>][]): Promise<string[]> {
  const wrong: string[] = [];
  const queue = programs.values();
  const work = async () => {
    for (const [name, { canonical, broken }] of queue) {
      const right = await runCodeTask(found as Sandbox, canonical as CodeProgram);
      const fault = await runCodeTask(found as Sandbox, broken as CodeProgram);
      if (right.verdict !== 'passed') wrong.push(`${name}: ${right.verdict} ${right.detail}`);
      if (fault.verdict !== 'failed') wrong.push(`${name} broken: ${fault.verdict}`);
    }
  };
  await Promise.all([work(), work(), work()]);
  return wrong;
}

describe.skipIf('refused' in found)(`code tasks${reason}`, () => {
  const run = (candidate: string, test: string, rest: Partial<CodeProgram> = {}) =>
    runCodeTask(found as Sandbox, { kind: 'mbpp', candidate, test, ...rest });

  it('passes HumanEval’s canonical solutions and fails broken ones', async () => {
    const path = process.env.WDS_HUMANEVAL ?? new URL('humaneval-excerpt.jsonl', fixtures);
    const rows = readRows<HumanEvalRow>(path);
    expect(await surprises(rows.map((row) => [row.task_id, humanEval(row)]))).toEqual([]);
  }, 600_000);

  it('passes MBPP’s canonical solutions and fails broken ones', async () => {
    const path = process.env.WDS_MBPP ?? new URL('mbpp-excerpt.jsonl', fixtures);
    const rows = readRows<MbppRow>(path);
    expect(await surprises(rows.map((row) => [String(row.task_id), mbpp(row)]))).toEqual([]);
  }, 600_000);

  const test = 'assert f(2) == 4';
  const faults: [CodeVerdict['verdict'], string, RegExp][] = [
    ['failed', 'def f(x): return x + 1', /^assert f\(2\) == 4; the last answer was 3$/],
    ['failed', 'def f(x): return "4"', /the last answer was '4'/],
    ['error', 'def f(x):\n    y = 1\n    return y / 0', /^ZeroDivisionError: .* \(line 3\)$/],
    ['error', 'def f(x)\n    return 4', /^SyntaxError: .* \(line 1\)$/],
    ['error', 'def g(x): return 4', /^NameError: name 'f' is not defined$/],
    ['error', 'import numpy\ndef f(x): return 4', /^ModuleNotFoundError: .*numpy/],
    ['error', 'def f(x): raise AssertionError("mine")', /^AssertionError: mine \(line 1\)$/],
    ['error', 'def f(x): return input()', /^EOFError/],
    [
      'error',
      'def f(x): raise ValueError("\\x1b]0;\\u202etitle\\x07")',
      /^ValueError: +]0; title +\(line 1\)$/,
    ],
    ['memory', 'def f(x): return [0] * 10 ** 11', /^MemoryError/],
    ['exited', 'def f(x): exit(0)', /^SystemExit: 0/],
    ['exited', 'import os\ndef f(x): os._exit(3)', /^exit status 3 before it had answered$/],
    ['crashed', 'import os\ndef f(x): os.abort()', /^ended by SIGABRT$/],
  ];
  it.each(faults)('says %s of %j', async (verdict, candidate, detail) => {
    const outcome = await run(candidate, test);
    expect(outcome.verdict).toBe(verdict);
    expect(outcome.detail).toMatch(detail);
  });

  it.each([
    ['is no Python', 'assert f(2) =='],
    ['asserts nothing', 'x = 1'],
    ['fails by itself', 'import nothing_of_the_kind\nassert f(2) == 4'],
    ['ends the process', 'import os\nos._exit(0)'],
    ['exits', 'import sys\nf(2)\nsys.exit(0)'],
  ])('blames a test that %s', async (_name, broken) => {
    const outcome = await run('def f(x): return 4', broken);
    expect(outcome.verdict).toBe('invalid-test');
  });

  it('names a limit on time and tells the processor’s from the wall’s', async () => {
    const limits = { cpuSeconds: 1, wallSeconds: 1 };
    const asleep: CodeProgram = {
      kind: 'mbpp',
      candidate: 'import time\ndef f(x): time.sleep(99)',
      test,
    };
    const outcome = await runCodeTask(found as Sandbox, asleep, { limits });
    expect(outcome).toMatchObject({ verdict: 'timeout', detail: 'no verdict within 1 s, twice' });
    const busy = await runCodeTask(
      found as Sandbox,
      { kind: 'mbpp', candidate: 'def f(x):\n    while True: pass', test },
      { limits: { cpuSeconds: 1, wallSeconds: 60 } },
    );
    expect(busy.detail).toBe('no verdict within 1 s of processor time');
  });

  it('stops when it is told to', async () => {
    const control = new AbortController();
    const asleep: CodeProgram = { kind: 'mbpp', candidate: 'import time\ntime.sleep(99)', test };
    const outcome = runCodeTask(found as Sandbox, asleep, { signal: control.signal });
    control.abort();
    await expect(outcome).rejects.toMatchObject({ code: 'stopped' });
  });

  describe('values', () => {
    // Each comes back as what it went out as, and is compared by what it holds.
    it.each([
      'None',
      '[True, 1, 1.0, -0.0, 10 ** 30, -(7 ** 4000)]',
      '("a\\x00\\ud800\\u2028", b"\\x00\\xff", bytearray(b"x"))',
      '{1: {2, 3}, (4, 5): frozenset([6]), None: {}}',
      '[float("inf"), 1e-300, 3 + 4j, range(2, 9, 3), int, type(None)]',
      '__import__("collections").OrderedDict([(1, 2), (0, 3)])',
      '__import__("collections").Counter("hello")',
      '__import__("collections").deque([1, [2]])',
      '__import__("decimal").Decimal("1.10")',
      '__import__("fractions").Fraction(1, 3)',
      '__import__("datetime").datetime(2020, 2, 29, 1, 2, 3, 4)',
    ])('%s', async (value) => {
      const check = `
import collections, decimal, fractions, datetime
value = ${value}
back = same(value)
assert type(back) is type(value) and repr(back) == repr(value) and back == value`;
      expect(await run('def same(x): return x', check)).toMatchObject({ verdict: 'passed' });
    });

    it('are not confused with what merely resembles them', async () => {
      const named = `
import collections
Point = collections.namedtuple('Point', 'x y')
def f(x): return Point(x, 2)`;
      expect((await run(named, 'assert f(1) == (1, 2)')).verdict).toBe('passed');
      expect((await run(named, 'assert f(1) == [1, 2]')).verdict).toBe('failed');
      expect((await run('def f(x): return float("nan")', 'assert f(1) == f(1)')).verdict).toBe(
        'failed',
      );
      expect(
        (await run('def f(x): return {1}.__iter__()', 'assert list(f(1)) == [1]')).verdict,
      ).toBe('passed');
    });

    it('go over by value', async () => {
      const cheat = 'def ordered(items):\n    items.clear()\n    return []';
      const check = 'items = [3, 1]\nassert ordered(items) == sorted(items)';
      expect((await run(cheat, check)).verdict).toBe('failed');
    });
  });
});

it('a sandbox that does not start is no verdict on the program', async () => {
  const parts = { bubblewrap: '/usr/bin/false', python: '/usr/bin/python3' };
  const broken = bubblewrapSandbox(parts, 'none');
  const outcome = runCodeTask(broken, { kind: 'mbpp', candidate: '', test: '' });
  await expect(outcome).rejects.toMatchObject({ code: 'sandbox-failed' });
});

it('a machine without bubblewrap gets the caller’s sandbox, or both reasons', async () => {
  const other: Sandbox = {
    engine: 'pyodide',
    description: 'a sandbox of the caller',
    start: () => Promise.reject(new Error('never started here')),
  };
  let tried = 0;
  const either = await findSandbox(async () => {
    tried += 1;
    return other;
  });
  expect(either === other).toBe('refused' in found);
  expect(tried).toBe('refused' in found ? 1 : 0);
  if (!('refused' in found)) return;
  expect(found.refused).toMatch(/^No sandbox for code tasks: .{20,}/);
  const neither = await findSandbox(async () => ({ refused: 'no window' }));
  expect(neither).toMatchObject({
    refused: expect.stringMatching(/Nor in a window: no window\.$/),
  });
});
