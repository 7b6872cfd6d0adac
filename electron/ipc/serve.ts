/**
 * The one channel on which windows ask. In this order: is the sender our page's main frame; is the
 * name a request; does the input fit its schema; then the handler. Whatever goes wrong crosses as
 * {code, message, hint}; a stack trace stays here, in the log.
 */
import { ipcMain } from 'electron';
import type { IpcMainInvokeEvent } from 'electron';
import { StudioError, toErrorDetails } from '../../main/contract/errors.ts';
import { requestSchemas } from '../../main/contract/requests.ts';
import type { Answer, Handlers, RequestName } from '../../main/contract/requests.ts';
import { appOrigin } from '../app-protocol.ts';

export function serveRequests(handlers: Handlers): void {
  ipcMain.handle(
    'request',
    async (event, name: unknown, input: unknown): Promise<Answer<unknown>> => {
      try {
        checkSender(event);
        return { ok: true, value: await dispatch(handlers, name, input) };
      } catch (error) {
        const details = toErrorDetails(error);
        if (details.code === 'internal') console.error(`request ${String(name)}:`, error);
        return { ok: false, error: details };
      }
    },
  );
}

function checkSender({ senderFrame, sender }: IpcMainInvokeEvent): void {
  const isOurs =
    senderFrame !== null &&
    senderFrame.url.startsWith(`${appOrigin}/`) &&
    senderFrame === sender.mainFrame;
  if (!isOurs)
    throw new StudioError('usage', 'This page may not ask.', 'Use the app’s own window.');
}

export function isRequestName(name: unknown): name is RequestName {
  return typeof name === 'string' && Object.hasOwn(requestSchemas, name);
}

function dispatch(handlers: Handlers, name: unknown, input: unknown): unknown {
  if (!isRequestName(name)) {
    throw new StudioError('usage', `There is no request ${String(name)}.`, 'Update the app.');
  }
  const parsed = requestSchemas[name].safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join('.') ?? '';
    throw new StudioError(
      'usage',
      `${name}: ${field === '' ? '' : `${field}: `}${issue?.message ?? 'invalid input'}.`,
      'Correct the value.',
    );
  }
  return (handlers[name] as (value: unknown) => unknown)(parsed.data);
}
