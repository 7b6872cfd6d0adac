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

/** The crosshair stays where it is on its step; the range stays within the steps that there are. */
export function zoom(plot: uPlot, { x }: ChartData, factor: number): void {
  const { min, max } = plot.scales['x'] ?? {};
  if (typeof min !== 'number' || typeof max !== 'number') return;
  markZoomed(plot, true);
  const index = plot.cursor.idx;
  const kept = typeof index === 'number' ? (plot.data[0][index] ?? min) : (min + max) / 2;
  const first = x[0] ?? min;
  const last = x.at(-1) ?? max;
  plot.setScale('x', {
    min: Math.max(first, kept - (kept - min) * factor),
    max: Math.min(last, kept + (max - kept) * factor),
  });
}

/** Without a crosshair the legend reads the newest step. */
export function showLatest(plot: uPlot): void {
  const idx = plot.data[0].length - 1;
  if (!isPointed(plot) && idx >= 0) plot.setLegend({ idx }, false);
}

/** The crosshair stays where it is; the point that is nearest to it may be another of new data. */
export function pointAgain(plot: uPlot): void {
  const { left, top } = plot.cursor;
  if (isPointed(plot)) plot.setCursor({ left: left ?? 0, top: top ?? 0 });
  else showLatest(plot);
}

function isPointed({ cursor }: uPlot): boolean {
  return cursor.left !== undefined && cursor.left >= 0;
}

export function markZoomed(plot: uPlot, zoomed: boolean): void {
  plot.root.dataset['zoomed'] = String(zoomed);
}

export function isZoomed(plot: uPlot): boolean {
  return plot.root.dataset['zoomed'] === 'true';
}
