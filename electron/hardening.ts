/**
 * What windows may not do: be granted permissions, navigate, open windows, host guests, reach the
 * network. Electron grants and follows by default, so each is denied by name.
 */
import { app, session } from 'electron';
import { appOrigin } from './app-protocol.ts';

export function denyEverythingElse(): void {
  const own = session.defaultSession;
  own.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  own.setPermissionCheckHandler(() => false);
  own.setDevicePermissionHandler(() => false);
  own.webRequest.onBeforeRequest((details, answer) => {
    const allowed = details.url.startsWith(`${appOrigin}/`) || isLocal(details.url);
    answer({ cancel: !allowed });
  });
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-navigate', (event) => event.preventDefault());
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-frame-navigate' as 'will-navigate', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
  });
}

/** Made by the page itself, or the developer tools. */
function isLocal(url: string): boolean {
  return /^(data|blob|devtools):/.test(url);
}
