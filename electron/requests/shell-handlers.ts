/** What only the shell can do: dialogs, clipboard, settings, a look at the machine. */
import { clipboard, dialog } from 'electron';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { freemem, release, totalmem, type as systemType } from 'node:os';
import { join } from 'node:path';
import { toErrorDetails } from '../../main/contract/errors.ts';
import type { HandlersFor } from '../../main/contract/requests.ts';
import type { ComputeDescription, RuntimeDescription } from '../../main/contract/runtime.ts';
import { freeDiskBytes } from '../../main/engine/checkpoint/disk-space.ts';
import { describeRuntime } from '../../main/engine/runtime/describe-runtime.ts';
import { version } from '../../main/host/version.ts';
import { asWriteError } from '../../main/engine/checkpoint/durable-file.ts';
import { resourcesFolder } from '../paths.ts';
import type { SettingsStore } from '../settings.ts';
import { pendingSetup, setUpRuntime } from '../setup/app-runtime.ts';
import { supportEnded } from '../supported-electron.mjs';
import { frontWindow } from './front-window.ts';
import type { HandlerParts } from './handler-parts.ts';

type Names =
  | 'settings.get'
  | 'settings.set'
  | 'runtime.describe'
  | 'runtime.setUp'
  | 'dialog.open'
  | 'dialog.save'
  | 'clipboard.write';

/** Electron's line that the app is made for; an older one is the fallback. */
const officialFrom = 40;

export function shellHandlers({ settings, host, publish }: HandlerParts): HandlersFor<Names> {
  return {
    'settings.get': () => settings.get(),
    'settings.set': (change) => {
      const changed = settings.change(change as Partial<ReturnType<SettingsStore['get']>>);
      if (change.runsDirectory !== undefined) host.refresh();
      return changed;
    },
    'runtime.describe': () => describe(settings),
    'runtime.setUp': async () => {
      await setUpRuntime(publish);
      const runtime = describe(settings);
      publish('runtime', runtime);
      return runtime;
    },
    'dialog.open': async ({ kind, title, extensions }) => {
      const filters = extensions.length === 0 ? [] : [{ name: 'Files', extensions }];
      const properties = [kind === 'folder' ? ('openDirectory' as const) : ('openFile' as const)];
      const { filePaths } = await dialog.showOpenDialog(frontWindow(), {
        title,
        filters,
        properties,
      });
      return filePaths[0] ?? null;
    },
    'dialog.save': async ({ suggestedName, content }) => {
      const { filePath } = await dialog.showSaveDialog(frontWindow(), {
        defaultPath: suggestedName,
      });
      if (filePath === undefined || filePath === '') return null;
      try {
        writeFileSync(filePath, content);
      } catch (error) {
        throw asWriteError(filePath, error);
      }
      return filePath;
    },
    'clipboard.write': ({ text }) => {
      clipboard.writeText(text);
      return null;
    },
  };
}

function describe(settings: SettingsStore): RuntimeDescription {
  const runsDirectory = settings.runsDirectory();
  mkdirSync(runsDirectory, { recursive: true });
  const { compute, computeError } = describeCompute();
  return {
    version,
    electron: process.versions.electron ?? '',
    chrome: process.versions['chrome'] ?? '',
    node: process.versions.node,
    officialElectron: Number.parseInt(process.versions.electron ?? '0', 10) >= officialFrom,
    electronSupportEnded: supportEnded(process.versions.electron ?? '0'),
    platform: `${systemType()} ${release()} ${process.arch}`,
    compute,
    computeError,
    pendingSetup: computeError === null ? null : pendingSetup(),
    memoryBytes: totalmem(),
    memoryFreeBytes: freemem(),
    diskFreeBytes: freeDiskBytes(runsDirectory) ?? 0,
    runsDirectory,
    settingsFile: settings.path,
    demoAvailable: existsSync(join(resourcesFolder(), 'demo')),
  };
}

function describeCompute(): Pick<RuntimeDescription, 'compute' | 'computeError'> {
  try {
    const { tensorflow, processor, gpu } = describeRuntime();
    const usable = gpu !== null && !('refused' in gpu);
    const compute: ComputeDescription = {
      tensorflow,
      device: usable ? 'gpu' : 'cpu',
      deviceName: usable ? gpu.name : processor.model,
      threads: processor.threads,
    };
    if (gpu !== null && 'refused' in gpu) compute.refusal = gpu.refused;
    return { compute, computeError: null };
  } catch (error) {
    return { compute: null, computeError: toErrorDetails(error) };
  }
}
