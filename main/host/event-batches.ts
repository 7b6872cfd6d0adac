/**
 * Events towards windows: gathered and sent at most ten times a second. Training blocks the thread
 * between steps, so time is looked at when an event comes and not only when a timer would fire.
 */
import type { RunEvent } from '../contract/events.ts';

export interface EventBatches {
  add(event: RunEvent): void;
  /** Sends what is left at once. */
  flush(): void;
}

export function batchEvents(send: (events: RunEvent[]) => void, interval = 100): EventBatches {
  let pending: RunEvent[] = [];
  let sent = -Infinity;
  let timer: NodeJS.Timeout | null = null;
  return { add, flush };

  function add(event: RunEvent): void {
    pending.push(event);
    const wait = sent + interval - performance.now();
    if (wait <= 0) flush();
    else timer ??= setTimeout(flush, wait);
  }

  function flush(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (pending.length === 0) return;
    sent = performance.now();
    send(pending);
    pending = [];
  }
}
