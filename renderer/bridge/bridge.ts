/**
 * The only door to the shell: typed requests that resolve to their output or throw a
 * `RequestFailure` with the code, message and hint the user is to read; and pushes.
 * In the app `window.studio` comes from the preload script; in a plain browser, during
 * development, the fake bridge takes its place before the first request.
 */
import type { ErrorDetails } from '../../main/contract/errors.ts';
import type {
  Answer,
  Pushes,
  PushName,
  RequestInput,
  RequestName,
  RequestOutput,
} from '../../main/contract/requests.ts';

export interface Bridge {
  request(name: string, input: unknown): Promise<Answer<unknown>>;
  on(name: string, listener: (payload: unknown) => void): () => void;
}

declare global {
  interface Window {
    studio?: Bridge;
  }
}

export class RequestFailure extends Error {
  readonly details: ErrorDetails;

  constructor(details: ErrorDetails) {
    super(details.message);
    this.name = 'RequestFailure';
    this.details = details;
  }
}

function bridge(): Bridge {
  if (window.studio === undefined) throw new Error('The window has no bridge to the shell.');
  return window.studio;
}

export async function ask<N extends RequestName>(
  name: N,
  input: RequestInput<N>,
): Promise<RequestOutput<N>> {
  const answer = (await bridge().request(name, input)) as Answer<RequestOutput<N>>;
  if (!answer.ok) throw new RequestFailure(answer.error);
  return answer.value;
}

export function onPush<N extends PushName>(
  name: N,
  listener: (payload: Pushes[N]) => void,
): () => void {
  return bridge().on(name, (payload) => listener(payload as Pushes[N]));
}

export function failureDetails(error: unknown): ErrorDetails {
  if (error instanceof RequestFailure) return error.details;
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'internal', message, hint: 'This is a defect. The log has the details.' };
}
