/** Closing the window while a run is in work: go on in the background, stop and save, or stay. */
import { app, dialog } from 'electron';
import type { BrowserWindow } from 'electron';
import type { RunHost } from './runs/run-host.ts';

const choices = ['Keep running in the background', 'Stop and save', 'Cancel'];

export function askBeforeClosing(host: RunHost, window: BrowserWindow): void {
  let mayClose = false;
  app.on('before-quit', (event) => {
    if (mayClose || host.active() === null) return;
    event.preventDefault();
    window.close();
  });
  window.on('close', (event) => {
    const runId = host.active();
    if (mayClose || runId === null) return;
    event.preventDefault();
    void ask(runId);
  });
  window.on('closed', () => app.quit());

  async function ask(runId: string): Promise<void> {
    const { response } = await dialog.showMessageBox(window, {
      type: 'question',
      message: 'A run is in work.',
      detail: 'Stopping saves a checkpoint after the step in work; the run can be resumed later.',
      buttons: choices,
      defaultId: 1,
      cancelId: 2,
    });
    if (response === 2) return;
    window.hide();
    if (response === 1 && host.active() === runId) await host.stopAndWait(runId);
    if (response === 0) await host.idle();
    if (response === 0 && window.isVisible()) return;
    mayClose = true;
    window.close();
  }
}
