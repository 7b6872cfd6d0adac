/** Columns of the list of runs: how each is called and sorted. */
import type { RunSummary } from '../../main/contract/runs.ts';

export const runColumns = [
  { name: 'status', label: 'Status', numeric: false },
  { name: 'progress', label: 'Progress', numeric: false },
  { name: 'curve', label: 'Curve', numeric: false },
  { name: 'loss', label: 'Loss', numeric: true },
  { name: 'accuracy', label: 'Accuracy', numeric: true },
  { name: 'model', label: 'Model', numeric: false },
  { name: 'weak', label: 'Weak agent', numeric: false },
  { name: 'bytes', label: 'Size', numeric: true },
  { name: 'created', label: 'Created', numeric: true },
] as const;
export type ColumnName = (typeof runColumns)[number]['name'];

/** The figure a run is known by: the enhanced model's accuracy, or the last one measured. */
export function headlineResult(run: RunSummary): RunSummary['results'][number] | undefined {
  return (
    run.results.find(({ model }) => model === 'weak-driven') ??
    run.results.filter(({ accuracy }) => accuracy !== undefined).at(-1)
  );
}

export function progressShare(run: RunSummary): number | undefined {
  if (run.status === 'finished') return 1;
  if (run.step === undefined || run.steps === undefined || run.steps === 0) return undefined;
  return run.step / run.steps;
}

function sortValue(run: RunSummary, column: ColumnName): number | string {
  switch (column) {
    case 'status':
      return run.status;
    case 'progress':
    case 'curve':
      return progressShare(run) ?? -1;
    case 'loss':
      return run.loss ?? -Infinity;
    case 'accuracy':
      return headlineResult(run)?.accuracy ?? -1;
    case 'model':
      return run.model;
    case 'weak':
      return run.weak;
    case 'bytes':
      return run.bytes;
    case 'created':
      return run.created;
  }
}

/** Sorted copy; equal values keep the newest first. */
export function sortRuns(runs: RunSummary[], by: ColumnName, down: boolean): RunSummary[] {
  const direction = down ? -1 : 1;
  return [...runs].sort((first, second) => {
    const a = sortValue(first, by);
    const b = sortValue(second, by);
    if (a === b) return second.created - first.created;
    return (a < b ? -1 : 1) * direction;
  });
}
