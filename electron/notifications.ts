/** Tells the user, outside the window, when a run has ended; a click leads to the run. */
import { BrowserWindow, Notification } from 'electron';
import type { RunSummary } from '../main/contract/runs.ts';
import type { Publish } from './ipc/publish.ts';
import type { RunHost } from './runs/run-host.ts';
import type { SettingsStore } from './settings.ts';
import { showWindow } from './window.ts';

const bodies: Partial<Record<RunSummary['status'], string>> = {
  finished: 'The run has finished.',
  failed: 'The run has failed.',
  paused: 'The run is paused; its checkpoint is saved.',
  interrupted: 'The engine has died. The run can be resumed from its last checkpoint.',
};

export function notifyOfEndings(host: RunHost, settings: SettingsStore, publish: Publish): void {
  host.onEnd((run) => {
    const body = bodies[run.status];
    const isLooking = BrowserWindow.getFocusedWindow() !== null;
    if (body === undefined || isLooking || !settings.get().notifications) return;
    if (!Notification.isSupported()) return;
    const notification = new Notification({ title: run.name, body: run.error?.message ?? body });
    notification.on('click', () => {
      showWindow();
      publish('navigate', { to: `/runs/${run.id}` });
    });
    notification.show();
  });
}
