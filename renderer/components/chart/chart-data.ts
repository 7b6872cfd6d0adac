/**
 * Curves of several stages on one step axis, as uPlot wants them: one x array and one y array per
 * curve. Nothing is thinned out here.
 */
import uPlot from 'uplot';
import { column, smoothed } from '../../state/series.ts';
import type { Series } from '../../state/series.ts';
import type { StepMetric } from '../../../main/contract/runs.ts';
import type { DataRole } from '../../theme.ts';

export interface Curve {
  label: string;
  role: DataRole;
  series: Series | undefined;
  metric: StepMetric;
}

export interface ChartData {
  x: Float64Array;
  /** Per curve: what is drawn in full strength (smoothed if asked). */
  shown: Float64Array[];
  /** Per curve: the measured values. */
  raw: Float64Array[];
}

export function hasValues(curve: Curve): boolean {
  if (curve.series === undefined) return false;
  return column(curve.series, curve.metric).some((value) => !Number.isNaN(value));
}

/** True if `short` is the beginning of `long`; both ascend by whole steps. */
function isBeginning(short: Float64Array, long: Float64Array): boolean {
  const last = short.length - 1;
  return last < 0 || (short[0] === long[0] && short[last] === long[last]);
}

function padded(values: Float64Array, length: number): Float64Array {
  if (values.length === length) return values;
  const result = new Float64Array(length).fill(NaN);
  result.set(values);
  return result;
}

function joined(tables: { x: Float64Array; y: Float64Array }[]): {
  x: Float64Array;
  y: Float64Array[];
} {
  const [x, ...columns] = uPlot.join(tables.map(({ x: steps, y }) => [steps, y]));
  const toNumbers = (values: ArrayLike<number | null | undefined> | undefined): Float64Array =>
    Float64Array.from(values ?? [], (value) => value ?? NaN);
  return { x: toNumbers(x), y: columns.map(toNumbers) };
}

export function chartData(curves: Curve[], smoothing: number): ChartData {
  const tables = curves.map(({ series, metric }) => ({
    x: series === undefined ? new Float64Array() : series.step.subarray(0, series.length),
    y: series === undefined ? new Float64Array() : column(series, metric),
  }));
  const longest = tables.reduce<Float64Array>(
    (best, { x }) => (x.length > best.length ? x : best),
    new Float64Array(),
  );
  const simple = tables.every(({ x }) => isBeginning(x, longest));
  const aligned = simple
    ? { x: longest, y: tables.map(({ y }) => padded(y, longest.length)) }
    : joined(tables);
  return {
    x: aligned.x,
    raw: aligned.y,
    shown: aligned.y.map((values) => smoothed(values, smoothing)),
  };
}

/** The measured points as CSV; one row per step. */
export function asCsv(curves: Curve[], data: ChartData): string {
  const head = ['step', ...curves.map(({ label }) => `"${label.replaceAll('"', '""')}"`)];
  const lines = [head.join(',')];
  for (let row = 0; row < data.x.length; row += 1) {
    const cells = data.raw.map((values) => {
      const value = values[row] ?? NaN;
      return Number.isNaN(value) ? '' : String(value);
    });
    lines.push([data.x[row], ...cells].join(','));
  }
  return lines.join('\n');
}
