/** Pushes to every window; a window that is gone or still loading misses nothing it will not ask for. */
import { BrowserWindow } from 'electron';
import type { Pushes, PushName } from '../../main/contract/requests.ts';

export type Publish = <N extends PushName>(name: N, payload: Pushes[N]) => void;

export function createPublisher(): Publish {
  return (name, payload) => {
    for (const window of BrowserWindow.getAllWindows()) {
      if (!window.isDestroyed()) window.webContents.send(`push:${name}`, payload);
    }
  };
}
