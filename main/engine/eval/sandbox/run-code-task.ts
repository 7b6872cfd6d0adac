/**
 * Grades one code task. Two sandboxed processes: the candidate's, which sees arguments only, and the
 * judge's, which runs the data set's test against a stand-in and compares. This file carries lines
 * between them, keeps the time and names the outcome. A pass is only ever what the judge says; the
 * other names describe what was seen and may be provoked by the program, which gains it nothing.
 */
import { StudioError } from '../../../contract/errors.ts';
import { candidateProgram } from './candidate-program.ts';
import { judgeProgram } from './judge-program.ts';
import { defaultLimits } from './sandbox.ts';
import type { Ending, Sandbox, SandboxedProcess, SandboxLimits } from './sandbox.ts';

/** One item of a code benchmark with a model's answer to it. */
export interface CodeProgram {
  kind: 'humaneval' | 'mbpp';
  /** The whole Python program under test: for HumanEval prompt + completion, or a full module. */
  candidate: string;
  /**
   * The data set's own code that its test relies on, run beside the test and never with the
   * candidate: HumanEval's `prompt`; MBPP's `test_setup_code` or `test_imports`, joined by newlines.
   */
  setup?: string;
  /** HumanEval's `test` (it defines `check(candidate)`); MBPP's `test_list` joined by newlines. */
  test: string;
  /** The function under test. HumanEval's `entry_point`; MBPP: found in the assertions if absent. */
  entryPoint?: string;
}

/**
 * `passed`: every assertion held. The others say what went wrong, as far as it can be known:
 * `failed` an assertion did not hold; `error` the program raised; `timeout`, `memory`,
 * `output-limit`, `process-limit`: a limit was met; `exited`: it ended itself before it had
 * answered; `crashed`: a signal ended it; `invalid-test`: the item's own test is at fault.
 */
export const codeVerdicts = [
  'passed',
  'failed',
  'error',
  'timeout',
  'memory',
  'output-limit',
  'process-limit',
  'exited',
  'crashed',
  'invalid-test',
] as const;
export type CodeVerdictName = (typeof codeVerdicts)[number];

export interface CodeVerdict {
  verdict: CodeVerdictName;
  /** One line for people, free of control characters; empty when passed. */
  detail: string;
  /** Wall time, in seconds. */
  seconds: number;
}

export interface CodeTaskOptions {
  limits?: Partial<SandboxLimits>;
  signal?: AbortSignal;
}

type Outcome = Omit<CodeVerdict, 'seconds'>;

/**
 * Runs a candidate against its test in `sandbox` and says how it went. A program that misbehaves is
 * a verdict, never an exception. Throws StudioError('sandbox-failed') when the sandbox does not
 * start, StudioError('stopped') when `signal` is aborted.
 */
export async function runCodeTask(
  sandbox: Sandbox,
  program: CodeProgram,
  { limits: chosen, signal }: CodeTaskOptions = {},
): Promise<CodeVerdict> {
  const limits = { ...defaultLimits, ...chosen };
  const began = performance.now();
  // A busy or sleeping machine runs into the wall limit too. The limit on processor time is not the
  // machine's fault, so only the former is tried again.
  const outcome =
    (await attempt(sandbox, program, limits, signal)) ??
    (await attempt(sandbox, program, limits, signal)) ??
    timedOut(`${limits.wallSeconds} s, twice`);
  const seconds = (performance.now() - began) / 1000;
  return { verdict: outcome.verdict, detail: oneLine(outcome.detail), seconds };
}

/** Null when the wall limit came first. */
async function attempt(
  sandbox: Sandbox,
  program: CodeProgram,
  limits: SandboxLimits,
  signal: AbortSignal | undefined,
): Promise<Outcome | null> {
  throwIfStopped(signal);
  const started = await Promise.allSettled([
    sandbox.start(candidateProgram, limits),
    sandbox.start(judgeProgram, { ...limits, memoryBytes: defaultLimits.memoryBytes }),
  ]);
  const processes = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  let timer: NodeJS.Timeout | undefined;
  let giveUp: (() => void) | undefined;
  try {
    throwIfStopped(signal);
    const [candidate, judge] = processes;
    if (!candidate || !judge) {
      throw started.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []))[0];
    }
    const stopped = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), limits.wallSeconds * 1000);
      giveUp = () => resolve(null);
      signal?.addEventListener('abort', giveUp);
    });
    const outcome = await Promise.race([grade(candidate, judge, program, limits), stopped]);
    throwIfStopped(signal);
    return outcome;
  } finally {
    clearTimeout(timer);
    if (giveUp) signal?.removeEventListener('abort', giveUp);
    await Promise.all(processes.map((one) => one.kill()));
  }
}

async function grade(
  candidate: SandboxedProcess,
  judge: SandboxedProcess,
  program: CodeProgram,
  limits: SandboxLimits,
): Promise<Outcome> {
  candidate.send(JSON.stringify({ do: 'load', source: program.candidate }));
  const loaded = await candidate.receive();
  if ('ended' in loaded) return endedBefore(loaded.ended, limits);
  judge.send(
    JSON.stringify({
      kind: program.kind,
      setup: program.setup ?? '',
      test: program.test,
      entryPoint: program.entryPoint ?? null,
      // A program that did not load is described by the judge like any other error it raised.
      loaded: loaded.line.toString('utf8'),
    }),
  );
  for (;;) {
    const asked = await judge.receive();
    if ('ended' in asked) return judgeEnded(asked.ended, limits);
    const text = asked.line.subarray(1);
    if (asked.line[0] === 'V'.charCodeAt(0)) return JSON.parse(text.toString('utf8')) as Outcome;
    candidate.send(text);
    const answer = await candidate.receive();
    if ('ended' in answer) return endedBefore(answer.ended, limits);
    judge.send(answer.line);
  }
}

/** The candidate's process was gone before it had answered. */
function endedBefore(ending: Ending, limits: SandboxLimits): Outcome {
  switch (ending.kind) {
    case 'cpu-limit':
      return timedOut(`${limits.cpuSeconds} s of processor time`);
    case 'output-limit':
      return { verdict: 'output-limit', detail: `more than ${limits.outputBytes} bytes of output` };
    case 'memory-limit':
      return { verdict: 'memory', detail: `more than ${limits.memoryBytes} bytes of memory` };
    case 'exited':
      return { verdict: 'exited', detail: `exit status ${ending.code} before it had answered` };
    case 'signal':
      return { verdict: 'crashed', detail: `ended by ${ending.name}` };
    case 'killed':
      return { verdict: 'crashed', detail: 'ended from outside' };
  }
}

/** The test's own process ended: by what the candidate gave it, or by what the test is. */
function judgeEnded(ending: Ending, limits: SandboxLimits): Outcome {
  if (ending.kind === 'exited' || ending.kind === 'killed') {
    return { verdict: 'invalid-test', detail: 'the test ended its own process' };
  }
  const outcome = endedBefore(ending, limits);
  return { ...outcome, detail: `the test, with the answers it got: ${outcome.detail}` };
}

function timedOut(limit: string): Outcome {
  return { verdict: 'timeout', detail: `no verdict within ${limit}` };
}

function throwIfStopped(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new StudioError('stopped', 'The evaluation was stopped.', 'Start it again to go on.');
}

/** Model-written text: no control, bidirectional or line separator characters, one line, capped. */
function oneLine(text: string): string {
  const hidden = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu;
  return text.replace(hidden, ' ').trim().slice(0, 500);
}
