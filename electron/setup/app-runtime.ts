/**
 * The packaged app's TensorFlow: where its record lies, what is still to be fetched, and the fetching,
 * which runs in a process of its own and ends with the app. In a checkout `npm start` has done all this.
 */
import { app, utilityProcess } from 'electron';
import { StudioError } from '../../main/contract/errors.ts';
import type { PendingSetup } from '../../main/contract/runtime.ts';
import { readRuntime, recordVariable } from '../../main/engine/runtime/runtime-record.ts';
import { appRuntimeFile, describeAppRuntime } from '../../resources/setup/app-runtime.mjs';
import type { Publish } from '../ipc/publish.ts';
import { setupFile } from '../paths.ts';
import type { FromSetup } from './setup.ts';

/** Before anything asks for the runtime: this process and the engine's read the variable. */
export function useAppRuntime(): void {
  if (app.isPackaged) process.env[recordVariable] = appRuntimeFile();
}

/** Null when TensorFlow is there, and in a checkout. */
export function pendingSetup(): PendingSetup | null {
  if (!app.isPackaged) return null;
  try {
    readRuntime();
    return null;
  } catch {
    return describeAppRuntime();
  }
}

let underWay: Promise<void> | null = null;

/** Joins a set-up that is under way. Throws `runtime-missing` with what is to be done. */
export function setUpRuntime(publish: Publish): Promise<void> {
  underWay ??= fork(publish).finally(() => void (underWay = null));
  return underWay;
}

function fork(publish: Publish): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = utilityProcess.fork(setupFile, [], {
      serviceName: 'Weak-Driven Studio set-up',
      stdio: 'ignore',
    });
    const end = (): void => void child.kill();
    app.once('will-quit', end);
    child.on('message', (message: FromSetup) => {
      if (message.type === 'progress') publish('setup', message.progress);
      else if (message.type === 'done') resolve();
      else reject(new StudioError(message.error.code, message.error.message, message.error.hint));
      if (message.type !== 'progress') end();
    });
    child.on('exit', (code) => {
      app.off('will-quit', end);
      const message = `The set-up has ended by itself (exit code ${code}).`;
      reject(new StudioError('runtime-missing', message, 'Try again.'));
    });
  });
}
