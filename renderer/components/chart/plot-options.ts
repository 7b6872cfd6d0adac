/** How every chart looks and behaves in uPlot's terms: axes, cursor, markers, colours. */
import uPlot from 'uplot';
import type { Marker } from '../../state/run-state.ts';
import { significant } from '../../state/numbers.ts';
import { indexOfStep } from './envelope.ts';
import { resetZoom } from './feed-plot.ts';
import { markZoomed, showLatest } from './plot-keys.ts';
import { dataColors } from '../../theme.ts';
import type { ColorScheme } from '../../theme.ts';
import type { ChartData, Curve } from './chart-data.ts';

export interface PlotLook {
  curves: Curve[];
  scheme: ColorScheme;
  logarithmic: boolean;
  smooth: boolean;
  width: number;
  height: number;
  /** All points, of which the plot has what its width can show. */
  data: () => ChartData;
  markers: () => Marker[];
  /** The range of steps has changed. */
  onRange: (plot: uPlot) => void;
}

/** Span of the y axis to its largest value; ticks have four digits. */
const smallestShare = 1e-3;
const tickDigits = { maximumSignificantDigits: 4 };

const markerColors: Record<Marker['kind'], string> = {
  checkpoint: '#8a93a0',
  resume: '#3b82f6',
  evaluation: '#a855f7',
  pause: '#eab308',
  warning: '#ef4444',
};

function drawMarkers(plot: uPlot, markers: Marker[]): void {
  const { ctx, bbox } = plot;
  const low = plot.scales['x']?.min ?? 0;
  const high = plot.scales['x']?.max ?? 0;
  ctx.save();
  ctx.lineWidth = 1;
  ctx.setLineDash([4, 4]);
  for (const marker of markers) {
    if (marker.step < low || marker.step > high) continue;
    const x = Math.round(plot.valToPos(marker.step, 'x', true)) + 0.5;
    ctx.strokeStyle = markerColors[marker.kind];
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

function tick(value: number): string {
  const size = Math.abs(value);
  const short = Number(value.toPrecision(4));
  const isFar = size !== 0 && (size < 1e-3 || size >= 1e6);
  const text = isFar ? short.toExponential() : short.toLocaleString('en-US', tickDigits);
  return text.replaceAll('-', '−');
}

/**
 * The range of the y axis. Values that differ by less than a number's digits can tell apart get some
 * room: uPlot would count its ticks for ever, until the page has no memory left.
 */
export function roomAround(low: number | null, high: number | null): uPlot.Range.MinMax {
  if (low === null || high === null) return [0, 1];
  const least = Math.max(Math.abs(low), Math.abs(high)) * smallestShare;
  const missing = Math.max(0, least - (high - low)) / 2;
  return uPlot.rangeNum(low - missing, high + missing, 0.1, true);
}

/** What was measured at a drawn step, where the drawn value may be another's of its group. */
function readOut(data: ChartData, curve: number, step: number | undefined): string {
  if (step === undefined) return '–';
  return significant(data.shown[curve]?.[indexOfStep(data.x, step)]);
}

export function plotOptions(look: PlotLook): uPlot.Options {
  const { curves, scheme, logarithmic, smooth, width, height } = look;
  const grid = scheme === 'dark' ? '#262b32' : '#eceef1';
  const ink = scheme === 'dark' ? '#9aa2ae' : '#5c6570';
  const axis: uPlot.Axis = {
    stroke: ink,
    font: '11px system-ui, sans-serif',
    grid: { stroke: grid, width: 1 },
    ticks: { show: false },
  };
  const rawSeries = curves.map((curve): uPlot.Series => ({
    label: `${curve.label}, measured`,
    class: 'raw',
    stroke: `${dataColors[curve.role][scheme]}48`,
    width: 1,
    points: { show: false },
    show: smooth,
  }));
  const shownSeries = curves.map((curve, index): uPlot.Series => ({
    label: curve.label,
    stroke: dataColors[curve.role][scheme],
    width: 1.5,
    points: { size: 4, show: (plot) => (plot.data[0]?.length ?? 0) < 3 },
    value: (plot, _value, _series, at) =>
      readOut(look.data(), index, at === null ? undefined : plot.data[0][at]),
  }));
  return {
    width,
    height,
    padding: [10, 10, 0, 0],
    cursor: {
      sync: { key: 'steps', setSeries: false },
      drag: { x: true, y: false },
      // uPlot's own zooms out to the points it has.
      bind: { dblclick: (plot) => () => (resetZoom(plot, look.data()), null) },
    },
    legend: { live: true },
    scales: {
      x: { time: false },
      y: logarithmic ? { distr: 3 } : { range: (_plot, low, high) => roomAround(low, high) },
    },
    axes: [
      {
        ...axis,
        size: 24,
        gap: 4,
        values: (_plot, splits) =>
          splits.map((step) => (Number.isInteger(step) ? step.toLocaleString('en-US') : '')),
      },
      {
        ...axis,
        size: 50,
        gap: 6,
        values: (_plot, splits) => splits.map((value) => (value === null ? '' : tick(value))),
      },
    ],
    series: [
      {
        label: 'Step',
        value: (_plot, value) => (value === null ? '–' : value.toLocaleString('en-US')),
      },
      ...rawSeries,
      ...shownSeries,
    ],
    hooks: {
      drawAxes: [(plot) => drawMarkers(plot, look.markers())],
      setCursor: [showLatest],
      setSelect: [(plot) => plot.select.width > 0 && markZoomed(plot, true)],
      setScale: [(plot, scale) => scale === 'x' && look.onRange(plot)],
    },
  };
}
