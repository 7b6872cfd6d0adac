/** Crosshair and zoom of a chart, by keyboard and mouse. A zoomed chart does not follow new steps. */
import type uPlot from 'uplot';
import type { ChartData } from './chart-data.ts';

export function moveCursor(plot: uPlot, by: number): void {
  const x = plot.data[0];
  if (x.length === 0) return;
  const from = plot.cursor.idx ?? x.length - 1;
  const index = Math.min(x.length - 1, Math.max(0, from + by));
  const left = plot.valToPos(x[index] ?? 0, 'x');
  const top = plot.over.clientHeight / 2;
  plot.setCursor({ left, top });
}

/** Around the crosshair, within the steps that there are. */
export function zoom(plot: uPlot, { x }: ChartData, factor: number): void {
  const { min, max } = plot.scales['x'] ?? {};
  if (typeof min !== 'number' || typeof max !== 'number') return;
  markZoomed(plot, true);
  const index = plot.cursor.idx;
  const middle = typeof index === 'number' ? (plot.data[0][index] ?? min) : (min + max) / 2;
  const half = ((max - min) * factor) / 2;
  const first = x[0] ?? min;
  const last = x.at(-1) ?? max;
  plot.setScale('x', { min: Math.max(first, middle - half), max: Math.min(last, middle + half) });
}

/** Without a crosshair the legend reads the newest step. */
export function showLatest(plot: uPlot): void {
  const { left } = plot.cursor;
  const pointed = left !== undefined && left >= 0;
  const idx = plot.data[0].length - 1;
  if (!pointed && idx >= 0) plot.setLegend({ idx }, false);
}

export function markZoomed(plot: uPlot, zoomed: boolean): void {
  plot.root.dataset['zoomed'] = String(zoomed);
}

export function isZoomed(plot: uPlot): boolean {
  return plot.root.dataset['zoomed'] === 'true';
}
