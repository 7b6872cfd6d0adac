/**
 * Models side by side. What runs have on disk is read here; tensors and logits are the engine's work,
 * because it takes seconds and would stop every window.
 */
import { dialog } from 'electron';
import type { Comparison } from '../../main/contract/comparison.ts';
import type { HandlersFor } from '../../main/contract/requests.ts';
import { writeComparison } from '../../main/engine/report/comparison-report.ts';
import { comparisonFolders } from '../../main/host/comparison.ts';
import type { CompareOptions } from '../../main/pipeline/compare-models.ts';
import { compareBenchmarkItems, compareModels } from '../../main/pipeline/compare-models.ts';
import { printPdf } from '../print-pdf.ts';
import { pathsOf } from './asked-models.ts';
import { frontWindow } from './front-window.ts';
import type { HandlerParts } from './handler-parts.ts';

type Names = 'compare' | 'compare.items' | 'compare.export';

export function compareHandlers({ engine, host }: HandlerParts): HandlersFor<Names> {
  const inEngine = (paths: string[], options: CompareOptions): Promise<Comparison> =>
    engine.compute<Comparison>('compare', { paths, options });
  return {
    compare: ({ models, weights, tokens }) => {
      const options = { ...comparisonFolders(), weights, tokens };
      const paths = pathsOf(models, host);
      return weights || tokens ? inEngine(paths, options) : compareModels(paths, options);
    },
    'compare.items': ({ models, benchmark }) =>
      compareBenchmarkItems(
        pathsOf(models, host),
        benchmark,
        comparisonFolders().evaluationsFolder,
      ),
    'compare.export': async ({ models, format, generations, file }) => {
      const chosen = file ?? (await askWhere(format));
      if (chosen === null) return null;
      const whole = { weights: true, tokens: true, benchmarkItems: true };
      const comparison = await inEngine(pathsOf(models, host), {
        ...comparisonFolders(),
        ...whole,
      });
      await writeComparison({ ...comparison, generations }, format, chosen, printPdf);
      return { file: chosen };
    },
  };
}

async function askWhere(format: string): Promise<string | null> {
  const { filePath } = await dialog.showSaveDialog(frontWindow(), {
    defaultPath: `comparison.${format}`,
    filters: [{ name: format.toUpperCase(), extensions: [format] }],
  });
  return filePath === undefined || filePath === '' ? null : filePath;
}
