/** Gives a plot what its width can show of all points, for the range of steps that it shows. */
import type uPlot from 'uplot';
import type { ChartData } from './chart-data.ts';
import { envelope } from './envelope.ts';
import type { StepRange } from './envelope.ts';
import { isZoomed, markZoomed, pointAgain } from './plot-keys.ts';

/** A zoomed plot keeps its range; any other one shows the whole run. */
export function feed(plot: uPlot, data: ChartData): void {
  const { min, max } = plot.scales['x'] ?? {};
  const range =
    isZoomed(plot) && typeof min === 'number' && typeof max === 'number' ? { min, max } : null;
  plot.setData(shownBy(data, range, plot.width), range === null);
  if (range !== null) plot.redraw();
  pointAgain(plot);
}

export function shownBy(
  data: ChartData,
  range: StepRange | null,
  width: number,
): uPlot.AlignedData {
  const { x, raw, shown } = envelope(data, range, width);
  return [x, ...raw, ...shown];
}

export function resetZoom(plot: uPlot, data: ChartData): void {
  markZoomed(plot, false);
  feed(plot, data);
}
