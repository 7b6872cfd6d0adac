/** What host and worker say to each other over a port. */
import type { ErrorDetails } from '../contract/errors.ts';
import type { RunEvent } from '../contract/events.ts';
import type { Wish } from './control-file.ts';
import type { SessionEnd } from './session.ts';

export type ToWorker =
  /** Starts a run, or goes on with it: its folder says where it stands. One at a time. */
  | { type: 'start'; runFolder: string }
  /** To the run in work; without one it is dropped. */
  | { type: 'wish'; wish: Wish }
  /** A computation beside runs, e.g. `mix.inspect`; answered under the same id. */
  | { type: 'request'; id: number; name: string; payload: unknown }
  /** Its answer is then an error with the code `stopped`. */
  | { type: 'cancel'; id: number };

export type FromWorker =
  /** The first message. */
  | { type: 'ready'; requests: string[] }
  /** In the order of `seq`, at most ten times a second; the log has each at once. */
  | { type: 'events'; runId: string; events: RunEvent[] }
  /** Steps were taken out of the log and the rest renumbered: read it anew. */
  | { type: 'rewound'; runId: string; lastSeq: number }
  /** The run's files are closed and its lock is free. */
  | { type: 'ended'; runId: string; end: SessionEnd }
  /** A start that was refused: nothing was touched. */
  | { type: 'refused'; runFolder: string; error: ErrorDetails }
  | { type: 'progress'; id: number; value: unknown }
  | { type: 'response'; id: number; result: unknown }
  | { type: 'error'; id: number; error: ErrorDetails };
