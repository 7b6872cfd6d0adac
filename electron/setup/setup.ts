/**
 * Entry of the process that sets the packaged app up: fetching and unpacking wait on child processes,
 * and a window must not wait with them. Tells its parent each step, then `{ done }` or `{ error }`.
 */
import '../polyfills.ts';
import { toErrorDetails } from '../../main/contract/errors.ts';
import type { ErrorDetails } from '../../main/contract/errors.ts';
import type { SetupProgress } from '../../main/contract/runtime.ts';
import { ensureAppRuntime } from '../../resources/setup/app-runtime.mjs';
import { onStep, SetupError } from '../../resources/setup/report.mjs';

export type FromSetup =
  | { type: 'progress'; progress: SetupProgress }
  | { type: 'done' }
  | { type: 'error'; error: ErrorDetails };

const { parentPort } = process as unknown as {
  parentPort: { postMessage(message: FromSetup): void };
};

onStep((title, fraction) =>
  parentPort.postMessage({ type: 'progress', progress: { title, fraction } }),
);

function details(error: unknown): ErrorDetails {
  if (!(error instanceof SetupError)) return toErrorDetails(error);
  return { code: 'runtime-missing', message: `${error.problem}.`, hint: `${error.remedy}.` };
}

ensureAppRuntime().then(
  () => parentPort.postMessage({ type: 'done' }),
  (error: unknown) => parentPort.postMessage({ type: 'error', error: details(error) }),
);
