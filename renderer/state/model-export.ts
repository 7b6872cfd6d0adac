/**
 * The export of a model as every page shares it: what its dialog is open for, the one in work, how it
 * ended. Work outlives the dialog and the page it was opened on.
 */
import { useSyncExternalStore } from 'react';
import type { ErrorDetails } from '../../main/contract/errors.ts';
import type { ExportedModel, ModelExportProgress } from '../../main/contract/model-export.ts';
import type { RequestInput } from '../../main/contract/requests.ts';
import { ask, failureDetails, onPush } from '../bridge/bridge.ts';

export interface ExportTarget {
  /** A run's id (its enhanced model) or a checkpoint's folder. */
  checkpoint: string;
  /** As the dialog calls it. */
  title: string;
}

export interface ExportWork {
  id: string;
  progress: ModelExportProgress | null;
  /** Seconds left; undefined while there is no telling. */
  remaining: number | undefined;
  isCancelling: boolean;
}

export interface ModelExportState {
  target: ExportTarget | null;
  isOpen: boolean;
  /** Counts how often it was opened anew: each time with a new form. */
  turn: number;
  work: ExportWork | null;
  done: ExportedModel | null;
  error: ErrorDetails | null;
}

const nothing = { work: null, done: null, error: null };
let state: ModelExportState = { target: null, isOpen: false, turn: 0, ...nothing };
const listeners = new Set<() => void>();

function change(part: Partial<ModelExportState>): void {
  state = { ...state, ...part };
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useModelExport(): ModelExportState {
  return useSyncExternalStore(subscribe, () => state);
}

/** Opens the dialog; while an export is in work, on that one. */
export function openExport(target: ExportTarget): void {
  if (state.work !== null) change({ isOpen: true });
  else change({ target, isOpen: true, turn: state.turn + 1, ...nothing });
}

/** What is in work goes on. */
export function hideExport(): void {
  change({ isOpen: false });
}

/** `onHidden`: called with how it ended when nobody was looking at the dialog then. */
export async function startExport(
  input: Omit<RequestInput<'model.export'>, 'id'>,
  onHidden: (end: Pick<ModelExportState, 'done' | 'error'>) => void,
): Promise<void> {
  const id = crypto.randomUUID();
  const started = performance.now();
  change({ ...nothing, work: { id, progress: null, remaining: undefined, isCancelling: false } });
  const unsubscribe = onPush('exportProgress', ({ id: of, ...progress }) => {
    if (of !== id || state.work === null) return;
    const remaining = secondsLeft(progress, (performance.now() - started) / 1000);
    change({ work: { ...state.work, progress, remaining } });
  });
  const end = await ask('model.export', { id, ...input }).then(
    (done) => ({ done, error: null }),
    (error: unknown) => ({ done: null, error: failureDetails(error) }),
  );
  unsubscribe();
  const isCancelled = end.error?.code === 'stopped';
  change({ work: null, ...(isCancelled ? { done: null, error: null } : end) });
  if (!state.isOpen && !isCancelled) onHidden(end);
}

export function cancelExport(): void {
  if (state.work === null) return;
  change({ work: { ...state.work, isCancelling: true } });
  void ask('model.cancelExport', { id: state.work.id });
}

/** At the rate so far; undefined in the first second, whose rate says little. */
export function secondsLeft(
  { doneBytes, totalBytes }: ModelExportProgress,
  elapsed: number,
): number | undefined {
  if (elapsed < 1 || doneBytes <= 0) return undefined;
  return (elapsed * Math.max(0, totalBytes - doneBytes)) / doneBytes;
}

/** The folder a model is written to when no other name is given: "arithmetic-gguf-q8_0". */
export function exportFolderName(name: string, format: string, dtype: string): string {
  const safe = name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+|[.-]+$/g, '');
  return [safe.slice(0, 120) || 'model', format, dtype].filter(Boolean).join('-');
}
