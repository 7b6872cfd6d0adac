/** A study that `wds study` has left in a folder: shown from its numbers, and written out as a page. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dialog } from 'electron';
import { StudioError } from '../../main/contract/errors.ts';
import type { HandlersFor } from '../../main/contract/requests.ts';
import type { StudyResult } from '../../main/contract/study.ts';
import { writeFileDurably } from '../../main/engine/checkpoint/durable-file.ts';
import { studyHtml } from '../../main/engine/report/study-html.ts';
import { studyMarkdown } from '../../main/engine/report/study-markdown.ts';
import { frontWindow } from './front-window.ts';

export function studyHandlers(): HandlersFor<'study.open' | 'study.export'> {
  return {
    'study.open': ({ path }) => {
      const result = readStudy(path);
      return { title: result.study.title, html: studyHtml(result) };
    },
    'study.export': async ({ path, format, file }) => {
      const result = readStudy(path);
      const chosen = file ?? (await askWhere(`study.${format}`));
      if (chosen === null) return null;
      const text = format === 'html' ? studyHtml(result) : studyMarkdown(result);
      writeFileDurably(chosen, [Buffer.from(text, 'utf8')]);
      return { file: chosen };
    },
  };
}

function readStudy(folder: string): StudyResult {
  const file = join(folder, 'study.json');
  try {
    const result = JSON.parse(readFileSync(file, 'utf8')) as StudyResult;
    if (result.format === 'weak-driven-studio.study') return result;
  } catch {
    // Said below: it is no study, for whichever reason.
  }
  const hint = 'Choose the folder that was given to wds study as --out.';
  throw new StudioError('file-unreadable', `${folder} holds no study.json of a study.`, hint);
}

async function askWhere(defaultPath: string): Promise<string | null> {
  const { filePath } = await dialog.showSaveDialog(frontWindow(), { defaultPath });
  return filePath === undefined || filePath === '' ? null : filePath;
}
