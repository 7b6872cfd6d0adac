/**
 * Models side by side. What runs have on disk is read here; tensors are read by the engine, because it
 * takes seconds and would stop every window.
 */
import { dialog } from 'electron';
import type { Comparison } from '../../main/contract/comparison.ts';
import type { HandlersFor, ParsedInput } from '../../main/contract/requests.ts';
import { writeFileDurably } from '../../main/engine/checkpoint/durable-file.ts';
import { comparisonHtml } from '../../main/engine/report/comparison-html.ts';
import { compareModels } from '../../main/pipeline/compare-models.ts';
import type { HandlerParts } from './handler-parts.ts';
import { frontWindow } from './front-window.ts';

type Names = 'compare' | 'compare.export';
type Asked = ParsedInput<'compare'>['models'];

export function compareHandlers({ engine, host }: HandlerParts): HandlersFor<Names> {
  const pathsOf = (models: Asked): string[] =>
    models.map((model) => {
      if ('path' in model) return model.path;
      const folder = host.folder(model.runId);
      return model.member === undefined ? folder : `${folder}:${model.member}`;
    });
  return {
    compare: ({ models, weights }) =>
      weights
        ? engine.compute<Comparison>('compare', { paths: pathsOf(models) })
        : compareModels(pathsOf(models)),
    'compare.export': async ({ models, file }) => {
      const chosen = file ?? (await askWhere());
      if (chosen === null) return null;
      const comparison = await engine.compute<Comparison>('compare', { paths: pathsOf(models) });
      writeFileDurably(chosen, [Buffer.from(comparisonHtml(comparison), 'utf8')]);
      return { file: chosen };
    },
  };
}

async function askWhere(): Promise<string | null> {
  const { filePath } = await dialog.showSaveDialog(frontWindow(), {
    defaultPath: 'comparison.html',
    filters: [{ name: 'HTML', extensions: ['html'] }],
  });
  return filePath === undefined || filePath === '' ? null : filePath;
}
