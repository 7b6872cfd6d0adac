/** The report of a run: shown, written in any of its formats, opened, shown where it lies. */
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { dialog, shell } from 'electron';
import { StudioError } from '../../main/contract/errors.ts';
import type { HandlersFor } from '../../main/contract/requests.ts';
import { asWriteError } from '../../main/engine/checkpoint/durable-file.ts';
import { collectReport } from '../../main/engine/report/collect.ts';
import { renderReport, writeRunReport } from '../../main/engine/report/run-report.ts';
import { printPdf } from '../print-pdf.ts';
import type { HandlerParts } from './handler-parts.ts';
import { frontWindow } from './front-window.ts';

type Names = 'report.preview' | 'report.export' | 'report.open' | 'file.reveal';

export function reportHandlers({ host }: HandlerParts): HandlersFor<Names> {
  return {
    'report.preview': async ({ runId }) => {
      const folder = host.folder(runId);
      return {
        html: renderReport(await collectReport(folder), 'html'),
        hasTensorBoard: existsSync(join(folder, 'tensorboard')),
      };
    },
    'report.export': async ({ runId, format, file }) => {
      const folder = host.folder(runId);
      const suggested = format === 'tensorboard' ? `${runId}-tensorboard` : `${runId}.${format}`;
      const chosen = file ?? (await askWhere(suggested));
      if (chosen === null) return null;
      if (format === 'tensorboard') copyTensorBoard(folder, chosen);
      else await writeRunReport(folder, format, chosen, printPdf);
      return { file: chosen };
    },
    'report.open': async ({ runId }) => {
      const folder = host.folder(runId);
      const file = join(folder, 'report.html');
      await writeRunReport(folder, 'html', file, printPdf);
      const problem = await shell.openPath(file);
      if (problem === '') return { file };
      throw new StudioError(
        'file-unreadable',
        `No program opened ${file} (${problem}).`,
        'Open the file in a browser yourself.',
      );
    },
    'file.reveal': ({ path }) => {
      shell.showItemInFolder(path);
      return null;
    },
  };
}

async function askWhere(defaultPath: string): Promise<string | null> {
  const { filePath } = await dialog.showSaveDialog(frontWindow(), { defaultPath });
  return filePath === undefined || filePath === '' ? null : filePath;
}

function copyTensorBoard(runFolder: string, target: string): void {
  const logs = join(runFolder, 'tensorboard');
  if (!existsSync(logs)) {
    throw new StudioError(
      'run-invalid',
      'This run has no TensorBoard logs yet.',
      'They are written as soon as it is training.',
    );
  }
  try {
    cpSync(logs, target, { recursive: true });
  } catch (error) {
    throw asWriteError(target, error);
  }
}
