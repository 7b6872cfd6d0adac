/**
 * The bridge, whatever the contract grows to: one way to ask, one way to listen. The page never
 * sees ipcRenderer or its events. Runs in the sandbox; only `electron` can be imported here.
 */
import { contextBridge, ipcRenderer } from 'electron';

contextBridge.exposeInMainWorld('studio', {
  request: (name: string, input: unknown): Promise<unknown> =>
    ipcRenderer.invoke('request', name, input),
  on: (name: string, listener: (payload: unknown) => void): (() => void) => {
    const channel = `push:${name}`;
    const forward = (_event: unknown, payload: unknown): void => listener(payload);
    ipcRenderer.on(channel, forward);
    return () => void ipcRenderer.removeListener(channel, forward);
  },
});
