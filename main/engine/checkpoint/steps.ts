/**
 * Long work with files, written once as a generator that yields the bytes it has just handled: run to
 * its end by callers that wait (training), or with pauses by callers that must go on answering (a
 * window, Ctrl-C). Left early, its `finally` blocks run, which is where half-written files are removed.
 */
import { setImmediate } from 'node:timers/promises';
import { StudioError } from '../../contract/errors.ts';

export type Steps<Result> = Generator<number, Result>;

/** The longest that other work of the process waits, beside a single step. */
const longestStretch = 20;

export function runSteps<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

export interface StepsOptions {
  signal?: AbortSignal | undefined;
  onBytes?: (bytes: number) => void;
}

/** @throws stopped when the signal is raised before the end; whatever the steps throw */
export async function runStepsPatiently<Result>(
  steps: Steps<Result>,
  { signal, onBytes = () => {} }: StepsOptions = {},
): Promise<Result> {
  let rested = performance.now();
  try {
    for (;;) {
      if (signal?.aborted) {
        throw new StudioError(
          'stopped',
          'It was stopped before it was done.',
          'What was written so far has been removed; start it again when you like.',
        );
      }
      const step = steps.next();
      if (step.done) return step.value;
      onBytes(step.value);
      if (performance.now() - rested > longestStretch) {
        await setImmediate();
        rested = performance.now();
      }
    }
  } finally {
    // Nothing to do where it came to its end.
    steps.return(undefined as never);
  }
}
