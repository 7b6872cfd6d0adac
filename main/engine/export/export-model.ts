/**
 * A model written for other programs. Planned first (the source is opened and checked, the target must
 * be free, the disk must have room), then written in steps, tensor by tensor, so that it can be stopped
 * at any point and leaves nothing half done. The model card and the tokenizer go along.
 */
import { existsSync } from 'node:fs';
import { StudioError } from '../../contract/errors.ts';
import { openMergedWeights } from '../model/merged-weights.ts';
import { planAdapter } from './export-adapter.ts';
import { planFolder } from './export-folder.ts';
import { cardBeside, isGgufFile, planGguf } from './export-gguf.ts';
import { formatProblem } from './format-problem.ts';
import { requireNewFolder } from './new-folder.ts';
import type { ModelExport, PlannedExport } from './planned-export.ts';

/**
 * @throws usage for a format that the source does not have, file-unwritable (the target is taken),
 *   disk-full, and what opening a model throws
 */
export function planExport(order: ModelExport): PlannedExport {
  requireFormat(order);
  requireFreeTarget(order);
  if (order.format === 'peft') return planAdapter(order);
  const weights = openMergedWeights(order.source.base, order.source.adapter);
  try {
    return order.format === 'gguf' ? planGguf(order, weights) : planFolder(order, weights);
  } catch (error) {
    weights.close();
    throw error;
  }
}

function requireFormat({ source, format, type }: ModelExport): void {
  const refuse = (message: string, hint: string): StudioError =>
    new StudioError('usage', message, hint);
  const problem = formatProblem(source, format);
  if (problem !== null) {
    throw refuse(`${source.adapter ?? source.base} ${problem.reason}`, problem.hint);
  }
  if (type === 'Q8_0' && format !== 'gguf') {
    throw refuse(`q8_0 is a type of GGUF, not of ${format}.`, 'Choose f32, f16 or bf16.');
  }
}

function requireFreeTarget(order: ModelExport): void {
  if (!isGgufFile(order)) return requireNewFolder(order.out);
  for (const path of [order.out, cardBeside(order.out)]) {
    if (!existsSync(path)) continue;
    throw new StudioError(
      'file-unwritable',
      `${path} is there already.`,
      'Choose another name; nothing is written over.',
    );
  }
}
