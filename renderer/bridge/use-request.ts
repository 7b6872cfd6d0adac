/**
 * A request as state of a component: asked when `input` changes (compared as JSON), null = not yet.
 * While a newer question is on its way the last answer stays on screen; answers that arrive late
 * are dropped.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { ErrorDetails } from '../../main/contract/errors.ts';
import type { RequestInput, RequestName, RequestOutput } from '../../main/contract/requests.ts';
import { ask, failureDetails } from './bridge.ts';

export interface Asked<T> {
  data: T | null;
  error: ErrorDetails | null;
  loading: boolean;
  reload: () => void;
}

export function useRequest<N extends RequestName>(
  name: N,
  input: RequestInput<N> | null,
): Asked<RequestOutput<N>> {
  const key = input === null ? null : JSON.stringify(input);
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<Omit<Asked<RequestOutput<N>>, 'reload'>>({
    data: null,
    error: null,
    loading: key !== null,
  });
  const newest = useRef(0);

  useEffect(() => {
    if (key === null) {
      newest.current += 1;
      setState({ data: null, error: null, loading: false });
      return;
    }
    const mine = (newest.current += 1);
    setState((before) => ({ ...before, loading: true }));
    ask(name, JSON.parse(key) as RequestInput<N>).then(
      (data) => {
        if (mine === newest.current) setState({ data, error: null, loading: false });
      },
      (error: unknown) => {
        if (mine !== newest.current) return;
        setState({ data: null, error: failureDetails(error), loading: false });
      },
    );
  }, [name, key, turn]);

  const reload = useCallback(() => setTurn((before) => before + 1), []);
  return { ...state, reload };
}
