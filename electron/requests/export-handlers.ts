/**
 * Models taken away. The engine writes them: making sure that gigabytes are on the disk would stop every
 * window. Several may be in work, each followed and cancelled by the name its window gave it. Quitting
 * cancels them and waits until what they had written is removed.
 */
import { app } from 'electron';
import { isAbsolute, join } from 'node:path';
import { StudioError } from '../../main/contract/errors.ts';
import type {
  ExportedModel,
  ModelExportProgress,
  ModelExportRequest,
} from '../../main/contract/model-export.ts';
import type { HandlersFor } from '../../main/contract/requests.ts';
import { exportableFormats } from '../../main/host/exportable-formats.ts';
import { cancellable } from './cancellable.ts';
import type { HandlerParts } from './handler-parts.ts';

type Names = 'model.exportChoices' | 'model.export' | 'model.cancelExport';

export function exportHandlers({ engine, host, publish }: HandlerParts): HandlersFor<Names> {
  const inWork = cancellable();
  let isQuitting = false;
  app.on('before-quit', (event) => {
    // While a run is in work, the user is asked first (close-dialog.ts), and may stay.
    if (inWork.count() === 0 || host.active() !== null) return;
    event.preventDefault();
    isQuitting = true;
    inWork.cancelAll();
  });
  return {
    'model.exportChoices': ({ checkpoint }) => exportableFormats(host.root(), checkpoint),
    'model.export': async ({ id, folder, folderName, checkpoint, format, dtype, baseId }) => {
      if (!isAbsolute(folder)) {
        throw new StudioError(
          'usage',
          `${folder} is not a whole path.`,
          'Choose the target folder with Browse…, or type its path from the root on.',
        );
      }
      const request: ModelExportRequest = {
        checkpoint,
        format,
        out: join(folder, folderName),
        ...(dtype !== undefined && { dtype }),
        ...(baseId !== undefined && { baseId }),
      };
      try {
        const payload = { runsRoot: host.root(), request };
        const onProgress = (value: unknown): void =>
          publish('exportProgress', { id, ...(value as ModelExportProgress) });
        return await inWork.run(id, (signal) =>
          engine.compute<ExportedModel>('export', payload, { signal, onProgress }),
        );
      } finally {
        if (isQuitting && inWork.count() === 0) app.quit();
      }
    },
    'model.cancelExport': ({ id }) => {
      inWork.cancel(id);
      return null;
    },
  };
}
