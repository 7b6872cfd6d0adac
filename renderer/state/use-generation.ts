/** One prompt to one or several models: their texts as they come, stopped when the user wants it. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { ErrorDetails } from '../../main/contract/errors.ts';
import type { GeneratedBeside, GenerationSoFar } from '../../main/contract/generation.ts';
import type { RequestInput } from '../../main/contract/requests.ts';
import { act } from '../bridge/actions.tsx';
import { ask, failureDetails, onPush } from '../bridge/bridge.ts';

export interface GenerationState {
  /** Null until the first prompt. */
  status: 'running' | 'stopped' | 'failed' | 'done' | null;
  /** By model; what a stopped one had said stays. */
  soFar: (GenerationSoFar | undefined)[];
  done: GeneratedBeside | null;
  error: ErrorDetails | null;
}

const nothing: GenerationState = { status: null, soFar: [], done: null, error: null };

export type GenerationRequest = Omit<RequestInput<'generate'>, 'id'>;

export function useGeneration(): GenerationState & {
  start: (request: GenerationRequest) => void;
  stop: () => void;
} {
  const [state, setState] = useState(nothing);
  const current = useRef<string | null>(null);
  const stop = useCallback(() => {
    if (current.current !== null) void act('generate.cancel', { id: current.current });
  }, []);
  useEffect(() => {
    const unsubscribe = onPush('generation', ({ id, ...news }) => {
      if (id !== current.current) return;
      setState((before) => {
        const soFar = [...before.soFar];
        soFar[news.model] = news;
        return { ...before, soFar };
      });
    });
    return () => {
      unsubscribe();
      stop();
    };
  }, [stop]);
  const start = useCallback((request: GenerationRequest) => {
    const id = crypto.randomUUID();
    current.current = id;
    setState({ ...nothing, status: 'running' });
    const end = (part: Partial<GenerationState>): void => {
      if (id !== current.current) return;
      current.current = null;
      setState((before) => ({ ...before, ...part }));
    };
    ask('generate', { id, ...request }).then(
      (done) => end({ status: 'done', done }),
      (error: unknown) => {
        const details = failureDetails(error);
        end(
          details.code === 'stopped' ? { status: 'stopped' } : { status: 'failed', error: details },
        );
      },
    );
  }, []);
  return { ...state, start, stop };
}
