import type { Sandbox, SandboxLimits } from './sandbox.ts';
import { defaultLimits } from './sandbox.ts';

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
export type CodeVerdictName =
  | 'passed'
  | 'failed'
  | 'error'
  | 'timeout'
  | 'memory'
  | 'output-limit'
  | 'process-limit'
  | 'exited'
  | 'crashed'
  | 'invalid-test';

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

/**
 * Runs a candidate against its test in `sandbox` and says how it went. A program that misbehaves is
 * a verdict, never an exception. Throws StudioError('sandbox-failed') when the sandbox does not
 * start, StudioError('stopped') when `signal` is aborted.
 */
export async function runCodeTask(
  sandbox: Sandbox,
  program: CodeProgram,
  options: CodeTaskOptions = {},
): Promise<CodeVerdict> {
  void { ...defaultLimits, ...options.limits };
  throw new Error(`${sandbox.engine} does not run ${program.kind} yet`);
}
