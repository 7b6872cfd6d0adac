/** The app's main process: what is set up, in which order. Each line has a file of its own. */
import './polyfills.ts';
import { app } from 'electron';
import { registerAppScheme, serveApp } from './app-protocol.ts';
import { askBeforeClosing } from './close-dialog.ts';
import { codeWindowsSocket, serveCodeWindows } from './code-windows.ts';
import { createEngine } from './engine/engine-process.ts';
import { denyEverythingElse } from './hardening.ts';
import { createPublisher } from './ipc/publish.ts';
import { serveRequests } from './ipc/serve.ts';
import { setUpMenu } from './menu.ts';
import { notifyOfEndings } from './notifications.ts';
import { createHandlers } from './requests/handlers.ts';
import { createEvaluationHost } from './runs/evaluation-host.ts';
import { createRunHost } from './runs/run-host.ts';
import { openSettings } from './settings.ts';
import { useAppRuntime } from './setup/app-runtime.ts';
import { createWindow, showWindow } from './window.ts';

const socket = codeWindowsSocket();
app.setName('Weak-Driven Studio');
// As root, and only then, start.mjs passes --no-sandbox: Chromium refuses to run its sandbox there.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
if (socket !== '') {
  serveCodeWindows(socket);
} else if (app.requestSingleInstanceLock()) {
  registerAppScheme();
  useAppRuntime();
  app.on('second-instance', () => showWindow());
  void app.whenReady().then(start);
} else {
  app.quit();
}

function start(): void {
  const publish = createPublisher();
  const settings = openSettings(publish);
  const engine = createEngine();
  const host = createRunHost({ engine, publish, settings });
  serveApp();
  denyEverythingElse();
  const evaluations = createEvaluationHost({ engine, host, publish, settings });
  serveRequests(createHandlers({ engine, evaluations, host, publish, settings }));
  setUpMenu(publish);
  notifyOfEndings(host, settings, publish);
  askBeforeClosing(host, createWindow(settings));
}
