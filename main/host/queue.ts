/**
 * Runs that wait for the device: they start one after another, and one that fails does not hold up
 * the next. The order is kept in `queue.json`. After a restart the queue is held until it is told
 * to start: nobody wants a training to begin because a window was opened.
 */
import { existsSync, readFileSync } from 'node:fs';
import { writeJsonAtomic } from '../pipeline/atomic-file.ts';

export interface Queue {
  /** Waiting runs, the next one first; the one in work is not among them. */
  readonly waiting: readonly string[];
  readonly current: string | null;
  readonly held: boolean;
  /** At the end; where it is already waiting nothing changes. */
  add(runId: string): void;
  remove(runId: string): void;
  /** `position` 0 is the next one. */
  move(runId: string, position: number): void;
  /** Works off the queue until it is held again. */
  start(): void;
  /** Lets the run in work end and starts no other. */
  hold(): void;
  /** Settles when no run is in work and none will start by itself. */
  idle(): Promise<void>;
}

export interface QueueOptions {
  /** Where the order is kept. */
  path: string;
  /** Settles when the run has ended, in whichever way. */
  startRun: (runId: string) => Promise<unknown>;
  onChange?: () => void;
  onFailure?: (runId: string, error: unknown) => void;
}

export function openQueue({ path, startRun, onChange, onFailure }: QueueOptions): Queue {
  let waiting = readOrder(path);
  let current: string | null = null;
  let held = true;
  let working: Promise<void> | null = null;

  return {
    get waiting() {
      return waiting;
    },
    get current() {
      return current;
    },
    get held() {
      return held;
    },
    add(runId) {
      if (!waiting.includes(runId)) change([...waiting, runId]);
      wake();
    },
    remove(runId) {
      change(waiting.filter((other) => other !== runId));
    },
    move(runId, position) {
      if (!waiting.includes(runId)) return;
      const others = waiting.filter((other) => other !== runId);
      const place = Math.max(0, Math.min(position, others.length));
      change([...others.slice(0, place), runId, ...others.slice(place)]);
    },
    start() {
      held = false;
      onChange?.();
      wake();
    },
    hold() {
      held = true;
      onChange?.();
    },
    async idle() {
      await working;
    },
  };

  function wake(): void {
    if (working !== null || held || waiting.length === 0) return;
    working = workOff().finally(() => {
      working = null;
      wake();
    });
  }

  async function workOff(): Promise<void> {
    while (!held && waiting.length > 0) {
      const [next] = waiting as [string];
      current = next;
      // Off the list before it starts: a run that takes the process down is not tried again.
      change(waiting.slice(1));
      try {
        await startRun(next);
      } catch (error) {
        onFailure?.(next, error);
      }
      current = null;
      onChange?.();
    }
  }

  function change(order: string[]): void {
    waiting = order;
    writeJsonAtomic(path, { waiting });
    onChange?.();
  }
}

/** A damaged file counts as empty: runs are never lost with it, only their order. */
function readOrder(path: string): string[] {
  if (!existsSync(path)) return [];
  try {
    const { waiting } = JSON.parse(readFileSync(path, 'utf8')) as { waiting: unknown };
    if (!Array.isArray(waiting)) return [];
    return [...new Set(waiting.filter((runId) => typeof runId === 'string'))];
  } catch {
    return [];
  }
}
