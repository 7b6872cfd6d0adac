/**
 * Takes a model away: for the command line and the window alike. Checks everything first, then writes in
 * steps, so that the process goes on answering and the work can be stopped; nothing half done remains.
 */
import { resolve } from 'node:path';
import { StudioError } from '../contract/errors.ts';
import type {
  ExportDtype,
  ExportedModel,
  ModelExportProgress,
  ModelExportRequest,
} from '../contract/model-export.ts';
import { readManifest, verificationSteps } from '../engine/checkpoint/checkpoint-manifest.ts';
import { runStepsPatiently } from '../engine/checkpoint/steps.ts';
import type { WeightType } from '../engine/export/encode-weights.ts';
import { planExport } from '../engine/export/export-model.ts';
import { modelCard } from '../engine/export/model-card.ts';
import { collectReport } from '../engine/report/collect.ts';
import { renderReport } from '../engine/report/run-report.ts';
import { findExportedCheckpoint, type ExportedCheckpoint } from './exported-checkpoint.ts';

export interface ExportOptions {
  runsRoot: string;
  onProgress?: (progress: ModelExportProgress) => void;
  signal?: AbortSignal;
}

const types: Record<ExportDtype, WeightType> = {
  f32: 'F32',
  f16: 'F16',
  bf16: 'BF16',
  q8_0: 'Q8_0',
};
const trainingOnly = new Set(['optimizer.safetensors', 'state.json']);

/**
 * @throws usage (a format the checkpoint does not have), file-missing, model-invalid, run-invalid,
 *   checkpoint-corrupt, file-unwritable (the target is taken), disk-full, stopped
 */
export async function exportModel(
  request: ModelExportRequest,
  { runsRoot, onProgress = () => {}, signal }: ExportOptions,
): Promise<ExportedModel> {
  checkBaseId(request.baseId);
  const found = findExportedCheckpoint(runsRoot, request);
  const { source, license, baseId } = found;
  const name = request.name ?? found.name;
  const notes = notesFor(request, found);
  const runCard =
    found.enhancedOf === null ? null : renderReport(await collectReport(found.enhancedOf), 'md');
  const planned = planExport({
    source,
    format: request.format,
    ...(request.dtype && { type: types[request.dtype] }),
    out: resolve(request.out),
    name,
    license,
    baseId,
    card: (facts) => {
      const { format } = request;
      const { origin, isWeakDriven } = found;
      const subject = { name, format, license, baseId, origin, isWeakDriven, runCard };
      return modelCard({ ...subject, notes: notesOnFile(request) }, facts);
    },
  });
  try {
    const checkedBytes = found.isManifested ? neededBytes(source.adapter ?? source.base) : 0;
    const totalBytes = checkedBytes + planned.totalBytes;
    let doneBytes = 0;
    const onBytes = (bytes: number): void => {
      doneBytes = Math.min(doneBytes + bytes, totalBytes);
      onProgress({ doneBytes, totalBytes });
    };
    if (found.isManifested) {
      const folder = source.adapter ?? source.base;
      await runStepsPatiently(verificationSteps(folder, isNeeded), { signal, onBytes });
    }
    const { path, files } = await runStepsPatiently(planned.write(), { signal, onBytes });
    const { dtype, parameters } = planned;
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    return { format: request.format, name, path, dtype, parameters, files, bytes, notes };
  } finally {
    planned.close();
  }
}

function isNeeded(name: string): boolean {
  return !trainingOnly.has(name);
}

function neededBytes(folder: string): number {
  return readManifest(folder)
    .files.filter(({ name }) => isNeeded(name))
    .reduce((sum, { bytes }) => sum + bytes, 0);
}

/** As the hub spells ids: one owner and one name. */
function checkBaseId(id: string | undefined): void {
  if (id === undefined || /^[\w.-]{1,96}\/[\w.-]{1,96}$/.test(id)) return;
  throw new StudioError(
    'usage',
    `${JSON.stringify(id)} is not the id of a published model.`,
    'Ids have an owner and a name, for instance Qwen/Qwen3-4B.',
  );
}

/** For the receiver, in the card. */
function notesOnFile({ format, dtype }: ModelExportRequest): string[] {
  const notes: string[] = [];
  if (format === 'gguf') {
    notes.push(
      'llama.cpp does not normalise text: type it in Unicode NFC to get the tokens of the original tokenizer.',
    );
  }
  if (dtype === 'q8_0') {
    notes.push(
      'Matrices are rounded to 8 bits in blocks of 32 (Q8_0), norms are exact: answers may differ from those of the original weights.',
    );
  }
  return notes;
}

/** For the one who exports. */
function notesFor(request: ModelExportRequest, { baseId, source }: ExportedCheckpoint): string[] {
  const notes = notesOnFile(request);
  if (request.format === 'peft' && baseId === null) {
    notes.push(
      `adapter_config.json names the base by its folder on this machine, ${source.base}; name a published base by its id to hand the adapter on (--base-id Qwen/Qwen3-4B).`,
    );
  }
  return notes;
}
