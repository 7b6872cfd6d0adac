/** The one window: where it was last time, isolated, sandboxed, shown when it has something to show. */
import { BrowserWindow, nativeTheme, screen } from 'electron';
import type { Rectangle } from 'electron';
import { appOrigin } from './app-protocol.ts';
import { preloadFile } from './paths.ts';
import type { SettingsStore } from './settings.ts';

const smallest = { width: 980, height: 640 };
const usual = { width: 1440, height: 900 };
/** Milliseconds: a page that crashes again within them is not loaded a third time. */
const crashLoop = 10_000;

export function createWindow(settings: SettingsStore): BrowserWindow {
  nativeTheme.themeSource = settings.get().theme === 'auto' ? 'system' : themeOf(settings);
  settings.onChange(() => {
    nativeTheme.themeSource = settings.get().theme === 'auto' ? 'system' : themeOf(settings);
  });
  const window = new BrowserWindow({
    ...usual,
    ...visiblePart(settings.windowBounds()),
    minWidth: smallest.width,
    minHeight: smallest.height,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#16181c' : '#fbfbfc',
    webPreferences: {
      preload: preloadFile,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      spellcheck: false,
      // A training run is watched from behind other windows, too.
      backgroundThrottling: false,
    },
  });
  window.once('ready-to-show', () => window.show());
  window.on('close', () => settings.keepWindowBounds(window.getNormalBounds()));
  reloadAfterCrash(window);
  void window.loadURL(`${appOrigin}/`);
  return window;
}

/** Nothing is lost with a page: runs live in other processes, what it showed in files. */
function reloadAfterCrash(window: BrowserWindow): void {
  let last = 0;
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    const isLoop = Date.now() - last < crashLoop;
    console.error(`The page's process has gone (${reason})${isLoop ? ' again' : ''}.`);
    if (reason === 'clean-exit' || isLoop) return;
    last = Date.now();
    window.webContents.reload();
  });
}

function themeOf(settings: SettingsStore): 'light' | 'dark' {
  return settings.get().theme === 'dark' ? 'dark' : 'light';
}

/** Bounds on a screen that is no longer there are forgotten. */
function visiblePart(bounds: Rectangle | null): Partial<Rectangle> {
  if (bounds === null) return {};
  const { workArea } = screen.getDisplayMatching(bounds);
  const inside =
    bounds.x < workArea.x + workArea.width &&
    bounds.y < workArea.y + workArea.height &&
    bounds.x + bounds.width > workArea.x &&
    bounds.y + bounds.height > workArea.y;
  return inside ? bounds : { width: bounds.width, height: bounds.height };
}

/** Brings the window to the front, wherever it is. */
export function showWindow(): void {
  const [window] = BrowserWindow.getAllWindows();
  if (window === undefined) return;
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
