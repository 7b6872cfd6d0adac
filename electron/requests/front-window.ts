/** The window that a dialog belongs to. */
import { BrowserWindow } from 'electron';

export function frontWindow(): BrowserWindow {
  const window = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0];
  if (window === undefined) throw new Error('There is no window.');
  return window;
}
