/**
 * Follows one run: subscribes to its events, takes a snapshot, applies what came meanwhile, and
 * fetches what is missing when the numbers have a hole. Pushed batches that arrive together are
 * folded in one go, so that a fast run cannot outrun the screen. Where steps were taken back (a resume
 * from a checkpoint), it starts anew from a snapshot.
 */
import { useEffect, useState } from 'react';
import type { ErrorDetails } from '../../main/contract/errors.ts';
import type { RunEvent } from '../../main/contract/events.ts';
import type { RunSnapshot } from '../../main/contract/runs.ts';
import { ask, failureDetails, onPush } from '../bridge/bridge.ts';
import { applyEvents, runStateFromSnapshot } from './run-state.ts';
import type { RunState } from './run-state.ts';

export interface FollowedRun {
  snapshot: RunSnapshot | null;
  state: RunState | null;
  error: ErrorDetails | null;
}

const nothing: FollowedRun = { snapshot: null, state: null, error: null };

export function useRun(runId: string): FollowedRun {
  const [followed, setFollowed] = useState<FollowedRun>(nothing);

  useEffect(() => {
    let closed = false;
    let waiting: RunEvent[] = [];
    let state: RunState | null = null;
    let timer = 0;
    let fetching = false;
    setFollowed(nothing);

    const fail = (error: unknown): void => {
      if (!closed) setFollowed({ ...nothing, error: failureDetails(error) });
    };
    const show = (next: RunState): void => {
      state = next;
      setFollowed((before) => ({ ...before, state: next }));
    };
    const fillHole = async (after: number): Promise<void> => {
      fetching = true;
      const between = await ask('run.events', { runId, after });
      fetching = false;
      if (closed || state === null) return;
      show(applyEvents({ ...state, missing: false }, between));
      schedule();
    };
    const fold = (): void => {
      timer = 0;
      if (closed || state === null || fetching) return;
      const next = applyEvents(state, waiting);
      if (next.missing) {
        fillHole(next.lastSeq).catch(fail);
        return;
      }
      waiting = [];
      if (next !== state) show(next);
    };
    const schedule = (): void => {
      if (timer === 0) timer = window.setTimeout(fold, 0);
    };

    const unsubscribe = onPush('events', (pushed) => {
      if (pushed.runId !== runId) return;
      waiting.push(...pushed.events);
      schedule();
    });
    const takeSnapshot = (): void => {
      ask('run.snapshot', { runId }).then((snapshot) => {
        if (closed) return;
        waiting = waiting.filter(({ seq }) => seq > snapshot.lastSeq);
        state = runStateFromSnapshot(snapshot);
        setFollowed({ snapshot, state, error: null });
        schedule();
      }, fail);
    };
    const unsubscribeRewound = onPush('rewound', (pushed) => {
      if (pushed.runId !== runId) return;
      waiting = [];
      takeSnapshot();
    });
    takeSnapshot();
    return () => {
      closed = true;
      unsubscribe();
      unsubscribeRewound();
      window.clearTimeout(timer);
    };
  }, [runId]);

  return followed;
}
