/**
 * The attack list, run against a host with sentinels. Every attack ends in a named verdict that is
 * not a pass, leaves the host as it was and the next task unharmed. Controls run the same programs
 * unconfined, or against a harness of the usual kind, and there they succeed: so these tests can
 * fail. Where the machine has no sandbox they are skipped with the reason.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  damages,
  doors,
  forgeries,
  hostileAnswers,
  otherGate,
  thefts,
  traces,
} from '../../../fixtures/sandbox/attacks.ts';
import { openHost } from '../../../fixtures/sandbox/host.ts';
import type { Host } from '../../../fixtures/sandbox/host.ts';
import { findSandbox } from './find-sandbox.ts';
import { runCodeTask } from './run-code-task.ts';
import type { CodeProgram } from './run-code-task.ts';
import type { Sandbox, SandboxLimits } from './sandbox.ts';

const found = await findSandbox();
const reason = 'refused' in found ? ` (skipped: ${found.refused})` : '';
if (reason) process.stderr.write(`attacks on the sandbox${reason}\n`);

/** Also marks our processes on a machine where others may be evaluating too: it is an argument. */
const memoryBytes = 512 * 2 ** 20 + process.pid * 4096;
const limits = { cpuSeconds: 1, wallSeconds: 30, memoryBytes };

function task(candidate: string, expected: string): CodeProgram {
  const test = `EXPECTED = ${expected}\ndef check(candidate):\n    assert candidate() == EXPECTED\n`;
  return { kind: 'humaneval', entryPoint: 'attack', candidate, test };
}

/** Command lines of processes that carry our mark. A zombie has none. */
function leftProcesses(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes(`\0${memoryBytes}\0`));
}

/** What the program prints where nothing keeps it in, with the secret's file left open. */
async function unconfined(program: string, host: Host): Promise<string> {
  const secret = openSync(host.secretPath, 'r');
  const child = spawn('/usr/bin/python3', ['-c', host.introduction + program], {
    env: host.environment,
    stdio: ['ignore', 'pipe', 'inherit', 'ignore', 'ignore', secret],
  });
  const printed = text(child.stdout as Readable);
  const [code] = await once(child, 'close');
  closeSync(secret);
  expect(code).toBe(0);
  return await printed;
}

describe.skipIf('refused' in found)(`attacks on the sandbox${reason}`, () => {
  const sandbox = found as Sandbox;
  let host: Host;
  beforeAll(async () => {
    host = await openHost();
    vi.stubEnv('SANDBOX_SECRET', host.token);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    host.close();
  });

  /** Runs it, and expects the host to be as if it had not been run. */
  async function attack(code: string, expected: string, more: Partial<SandboxLimits> = {}) {
    const before = host.state();
    const outcome = await runCodeTask(sandbox, task(code, expected), {
      limits: { ...limits, ...more },
    });
    expect(host.state()).toEqual(before);
    expect(leftProcesses()).toEqual([]);
    expect(outcome.verdict).not.toBe('passed');
    return outcome;
  }

  describe.each(thefts)('$name', ({ code, verdicts }) => {
    it('succeeds unconfined', async () => {
      const program = `${code}\nimport sys\nsys.stdout.write(attack())`;
      expect(await unconfined(program, host)).toBe(host.token);
      host.restore();
    });

    it('gets nothing in the sandbox', async () => {
      const outcome = await attack(host.introduction + code, JSON.stringify(host.token));
      expect(verdicts).toContain(outcome.verdict);
    });
  });

  describe.each(traces)('$name', ({ code, verdicts }) => {
    it('succeeds unconfined', async () => {
      const before = host.state();
      await unconfined(`${code}\nattack()`, host);
      await vi.waitFor(() => expect(host.state()).not.toEqual(before), 5000);
      host.restore();
    });

    it('leaves no trace from the sandbox', async () => {
      const outcome = await attack(host.introduction + code, 'True');
      expect(verdicts).toContain(outcome.verdict);
    });
  });

  describe.each(forgeries)('$name', ({ code, verdicts }) => {
    it('fools a harness that tests in the same process', async () => {
      // Exit status 0 is what such a harness takes for a pass.
      await unconfined(`${code}\n${task(code, '"wanted"').test}\ncheck(attack)`, host);
    });

    it('does not fool the judge', async () => {
      const outcome = await attack(code, '"wanted"');
      expect(verdicts).toContain(outcome.verdict);
    });
  });

  it.each(damages)('$name', async ({ code, verdicts, limits: own }) => {
    const outcome = await attack(code, '"wanted"', own);
    expect(verdicts).toContain(outcome.verdict);
    const next = await runCodeTask(sandbox, task('def attack(): return 6 * 7', '42'));
    expect(next).toMatchObject({ verdict: 'passed', detail: '' });
  });

  it('answers of its own making are answers, and wrong ones', async () => {
    const verdicts = hostileAnswers.map(async (line) => {
      const bytes = `os.write(4, ${JSON.stringify(`${line}\n`)}.encode())`;
      const code = `import os\ndef attack():\n    ${bytes}\n    os.close(4)`;
      const { verdict } = await runCodeTask(sandbox, task(code, '"wanted"'), { limits });
      return { line: line.slice(0, 60), verdict };
    });
    const allowed = ['failed', 'error', 'exited', 'timeout'];
    const outcomes = await Promise.all(verdicts);
    expect(outcomes.filter(({ verdict }) => !allowed.includes(verdict))).toEqual([]);
  });

  describe.skipIf(process.arch !== 'x64')('the doors of the kernel', () => {
    it('stand open outside', async () => {
      const program = `${doors}\nimport json\nprint(json.dumps(attack()))`;
      const open = JSON.parse(await unconfined(program, host)) as string[];
      expect(open).toEqual(expect.arrayContaining(['fork', 'socket', 'memfd_create']));
      expect(open.length).toBeGreaterThan(10);
    });

    it('are shut inside', async () => {
      const outcome = await runCodeTask(sandbox, task(host.introduction + doors, '[]'));
      expect(outcome).toMatchObject({ verdict: 'passed', detail: '' });
    });

    it(otherGate.name, async () => {
      const outcome = await attack(otherGate.code, '"wanted"');
      expect(otherGate.verdicts).toContain(outcome.verdict);
    });
  });
});
