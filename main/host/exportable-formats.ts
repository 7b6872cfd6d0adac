/** What a window asks before it offers an export: what the checkpoint is called, which formats it has. */
import { modelFormats, type ExportChoices } from '../contract/model-export.ts';
import { formatProblem } from '../engine/export/format-problem.ts';
import { findExportedCheckpoint } from './exported-checkpoint.ts';

/** @throws file-missing, run-invalid, model-invalid, checkpoint-corrupt */
export function exportableFormats(runsRoot: string, checkpoint: string): ExportChoices {
  const { source, name, baseId } = findExportedCheckpoint(runsRoot, { checkpoint });
  const formats = modelFormats.map((format) => {
    const problem = formatProblem(source, format);
    return { format, problem: problem === null ? null : `This ${problem.reason}` };
  });
  return { name, baseId, formats };
}
