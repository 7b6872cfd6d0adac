/** Where the built app finds its own parts, unpacked and packaged. */
import { app } from 'electron';
import { join } from 'node:path';

/** `out/` of the build: main/, preload/, renderer/. */
export const builtFolder = join(__dirname, '..');
export const rendererFolder = join(builtFolder, 'renderer');
export const preloadFile = join(builtFolder, 'preload', 'preload.cjs');
export const engineFile = join(builtFolder, 'main', 'engine.cjs');
export const setupFile = join(builtFolder, 'main', 'setup.cjs');

/** `resources/` of the project: presets, demo, icons. */
export function resourcesFolder(): string {
  return app.isPackaged
    ? join(process.resourcesPath, 'resources')
    : join(app.getAppPath(), 'resources');
}
