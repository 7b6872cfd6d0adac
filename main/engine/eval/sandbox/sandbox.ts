/**
 * What a sandbox is to the graders of code tasks: something that runs Python nobody trusts, one
 * process at a time, with no file, no network, no other process in reach, and speaks with it in
 * lines. The engines (bubblewrap here, Pyodide in a hidden window in the desktop app) differ in how
 * they keep it in; what is said over the lines, and the verdict, is the same for both.
 */

export interface SandboxLimits {
  /** Processor time of one process, in seconds. */
  cpuSeconds: number;
  /** From the first line of the program to the verdict, in seconds; sleeping counts. */
  wallSeconds: number;
  /** Address space of one process, in bytes. */
  memoryBytes: number;
  /** What may be printed, and what one answer may weigh, in bytes. */
  outputBytes: number;
  /** Threads of one process; processes cannot be started at all. */
  threads: number;
}

export const defaultLimits: SandboxLimits = {
  cpuSeconds: 5,
  wallSeconds: 15,
  memoryBytes: 512 * 2 ** 20,
  outputBytes: 2 ** 20,
  threads: 16,
};

/** How a sandboxed process ended. The name is for people; what counts is that no answer came. */
export type Ending =
  | { kind: 'exited'; code: number }
  | { kind: 'signal'; name: string }
  | { kind: 'cpu-limit' }
  | { kind: 'memory-limit' }
  | { kind: 'output-limit' }
  | { kind: 'killed' };

/** One Python process inside a sandbox, waiting for lines. */
export interface SandboxedProcess {
  /** Hands the process one line (without the newline). Ignored once it has ended. */
  send(line: string | Buffer): void;
  /** The next line the process writes on its answer channel, or how it ended instead. */
  receive(): Promise<{ line: Buffer } | { ended: Ending }>;
  /** Ends the process and all its threads; settles when none of it is left. */
  kill(): Promise<void>;
  /** The start of what it printed, at most a few kilobytes, as it came. */
  printed(): Buffer;
}

export interface Sandbox {
  engine: 'bubblewrap' | 'pyodide';
  /** For people and for the record of an evaluation: "bubblewrap 0.8.0, Python 3.11.2". */
  description: string;
  /**
   * Starts `program` (Python source of ours, which then reads the untrusted program as a line).
   * Throws StudioError('sandbox-failed') when the sandbox itself does not come up.
   */
  start(program: string, limits: SandboxLimits): Promise<SandboxedProcess>;
}
