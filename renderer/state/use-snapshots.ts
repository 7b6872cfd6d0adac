/** Snapshots of several runs, in the order asked for. */
import { useEffect, useState } from 'react';
import type { ErrorDetails } from '../../main/contract/errors.ts';
import type { RunSnapshot } from '../../main/contract/runs.ts';
import { ask, failureDetails } from '../bridge/bridge.ts';

export function useSnapshots(ids: string[]): {
  snapshots: RunSnapshot[];
  error: ErrorDetails | null;
} {
  const key = ids.join(',');
  const [snapshots, setSnapshots] = useState<RunSnapshot[]>([]);
  const [error, setError] = useState<ErrorDetails | null>(null);
  useEffect(() => {
    let dropped = false;
    setError(null);
    Promise.all(
      key === '' ? [] : key.split(',').map((runId) => ask('run.snapshot', { runId })),
    ).then(
      (all) => {
        if (!dropped) setSnapshots(all);
      },
      (failure: unknown) => {
        if (!dropped) setError(failureDetails(failure));
      },
    );
    return () => {
      dropped = true;
    };
  }, [key]);
  return { snapshots, error };
}
