/**
 * Pyodide in a hidden window against the same host and the same programs as bubblewrap. Chromium does
 * not sandbox itself as root, and Electron has to be there: elsewhere these tests are skipped with the
 * reason. A window takes seconds, so each list is cut short unless WDS_WINDOW_ATTACKS=all.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { damages, forgeries, hostileAnswers, thefts } from '../fixtures/sandbox/attacks.ts';
import { openHost } from '../fixtures/sandbox/host.ts';
import type { Host } from '../fixtures/sandbox/host.ts';
import { runCodeTask } from '../engine/eval/sandbox/run-code-task.ts';
import type { CodeProgram } from '../engine/eval/sandbox/run-code-task.ts';
import { openWindowSandbox } from './window-sandbox.ts';
import type { WindowSandbox } from './window-sandbox.ts';

const opened = await openWindowSandbox();
const reason = 'refused' in opened ? ` (skipped: ${opened.refused})` : '';
if (reason) process.stderr.write(`code tasks in a window${reason}\n`);
const limits = { wallSeconds: 5 };
const patience = 600_000;

function task(candidate: string, expected: string): CodeProgram {
  const test = `EXPECTED = ${expected}\ndef check(candidate):\n    assert candidate() == EXPECTED\n`;
  return { kind: 'humaneval', entryPoint: 'attack', candidate, test };
}

const all = process.env['WDS_WINDOW_ATTACKS'] === 'all';
function some<Item>(list: readonly Item[]): Item[] {
  return all ? [...list] : list.slice(0, 1);
}

/** Programs of the list that mean something without processes and descriptors. */
const chosen = [
  'loop',
  'asks for memory bit by bit',
  'prints without end',
  'recursion without end',
];

describe.skipIf('refused' in opened)(`code tasks in a window${reason}`, () => {
  const sandbox = opened as WindowSandbox;
  let host: Host;
  beforeAll(async () => {
    host = await openHost();
  });
  afterAll(() => {
    host.close();
    sandbox.close();
  });

  async function attack(code: string, expected: string): Promise<void> {
    const before = host.state();
    const outcome = await runCodeTask(sandbox, task(host.introduction + code, expected), {
      limits,
    });
    expect(outcome.verdict).not.toBe('passed');
    expect(outcome.verdict).not.toBe('invalid-test');
    expect(host.state()).toEqual(before);
  }

  it.each(some(thefts))(
    '$name: nothing',
    async ({ code }) => attack(code, JSON.stringify(host.token)),
    patience,
  );
  it.each(some(forgeries))(
    '$name: not counted',
    async ({ code }) => attack(code, '"wanted"'),
    patience,
  );
  it.each(some(damages.filter(({ name }) => chosen.includes(name))))(
    '$name: ended',
    async ({ code }) => attack(code, '"wanted"'),
    patience,
  );

  const escapes = [
    ['evaluates JavaScript', `js.eval('1 + 1')`],
    ['makes a function of text', `js.Function.new('return 1')()`],
    ['fetches', `js.XMLHttpRequest.new().open('GET', 'http://127.0.0.1:1', False) or 1`],
    ['reaches Node', `js.process.version`],
    ['requires', `js.require('fs')`],
    ['reaches Node through a constructor', `js.Object.constructor.constructor('return process')()`],
  ] as const;
  it.each(some(escapes))(
    'a program that %s gets no further',
    async (_name, expression) => {
      const xhr = `request = js.XMLHttpRequest.new()\n    request.open('GET', f"http://127.0.0.1:{HOST['tcp']}/", False)\n    request.send()`;
      const body = expression.includes('XMLHttp') ? xhr : `value = ${expression}`;
      await attack(
        `import js\ndef attack():\n    ${body}\n    return 'got through'`,
        '"got through"',
      );
    },
    patience,
  );

  it(
    'lines of its own making are answers, and wrong ones',
    async () => {
      const line = hostileAnswers[1] as string;
      const code = `import js\ndef attack():\n    js.code.exchange('send', ${JSON.stringify(line)})`;
      await attack(code, '"wanted"');
    },
    patience,
  );

  it(
    'canonical solutions pass, broken ones do not',
    async () => {
      const file = new URL('../fixtures/sandbox/humaneval-excerpt.jsonl', import.meta.url);
      const path = process.env['WDS_HUMANEVAL'] ?? file;
      const wrong: string[] = [];
      for (const line of some(readFileSync(path, 'utf8').trim().split('\n'))) {
        const row = JSON.parse(line) as Record<string, string>;
        const setup = row['prompt'] as string;
        const { test, entry_point: entryPoint } = row as { test: string; entry_point: string };
        for (const [body, verdict] of [
          [row['canonical_solution'], 'passed'],
          ['    return None\n', 'failed'],
        ] as const) {
          const candidate = setup + body;
          const program = { kind: 'humaneval' as const, candidate, setup, test, entryPoint };
          const outcome = await runCodeTask(sandbox, program);
          if (outcome.verdict !== verdict) wrong.push(`${row['task_id']}: ${outcome.verdict}`);
        }
      }
      expect(wrong).toEqual([]);
    },
    patience * 6,
  );
});

it('says why it cannot, where it cannot', () => {
  if ('refused' in opened) expect(opened.refused).toMatch(/root|Electron|display|window/);
  else expect(opened.description).toContain('Pyodide');
});
