/** The evaluated models of a run as a table; empty while there are none. */
import type { EvaluationResult } from '../contract/events.ts';
import type { RunSummary } from '../contract/runs.ts';
import { formatNumber, formatTable, printable } from './text.ts';

export function formatResults(summary: RunSummary): string {
  if (summary.results.length === 0) return `Run ${summary.id}: ${summary.status}.`;
  const heading = ['model', 'held-out loss', 'accuracy', '95 % interval', 'items'];
  const rows = summary.results.map((result) => [
    printable(result.model),
    formatNumber(result.loss),
    result.accuracy === undefined ? '' : percent(result.accuracy),
    formatInterval(result),
    String(result.items),
  ]);
  return formatTable([heading, ...rows]);
}

function formatInterval({ accuracyLow, accuracyHigh }: EvaluationResult): string {
  if (accuracyLow === undefined || accuracyHigh === undefined) return '';
  return `${percent(accuracyLow)} to ${percent(accuracyHigh)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
