/** Requests that a button sends: busy while under way, and a failure is told where it can be read. */
import { notifications } from '@mantine/notifications';
import { useCallback, useState } from 'react';
import type { ErrorDetails } from '../../main/contract/errors.ts';
import type { RequestInput, RequestName, RequestOutput } from '../../main/contract/requests.ts';
import { ask, failureDetails } from './bridge.ts';

export function tell(title: string, message: string): void {
  notifications.show({ title, message, color: 'indigo' });
}

export function tellFailure(error: unknown): void {
  tellFailureDetails(failureDetails(error));
}

export function tellFailureDetails({ message, hint }: ErrorDetails): void {
  notifications.show({ title: message, message: hint, color: 'red', autoClose: 12_000 });
}

/** Sends the request; null after a failure, which the user has been told. */
export async function act<N extends RequestName>(
  name: N,
  input: RequestInput<N>,
): Promise<RequestOutput<N> | null> {
  try {
    return await ask(name, input);
  } catch (error) {
    tellFailure(error);
    return null;
  }
}

export function useAction<A extends unknown[]>(
  work: (...values: A) => Promise<unknown>,
): { busy: boolean; go: (...values: A) => void } {
  const [busy, setBusy] = useState(false);
  const go = useCallback(
    (...values: A) => {
      setBusy(true);
      work(...values)
        .catch(tellFailure)
        .finally(() => setBusy(false));
    },
    [work],
  );
  return { busy, go };
}
