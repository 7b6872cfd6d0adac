/**
 * Curves over optimizer steps. Each is drawn twice: faintly as measured (with the band from smallest to
 * largest value where steps were grouped) and strongly as a centred moving mean, named at its right end
 * instead of in a legend. A range of more than 30 : 1 takes a logarithmic axis and says so.
 */
import type { ReportedCurve } from '../../../contract/report.ts';
import type { Markup } from '../markup.ts';
import { markup } from '../markup.ts';
import type { Frame } from './frame.ts';
import { at, axes, svg } from './frame.ts';
import type { Scale } from './scale.ts';
import { extent, linearScale, logScale, padded } from './scale.ts';

/** `rose` and `lime` are for comparisons of more than four models and have no meaning of their own. */
export type DataRole = 'strong' | 'weak' | 'mixed' | 'baseline' | 'rose' | 'lime';

export interface Line {
  name: string;
  role: DataRole;
  curve: ReportedCurve;
}

export interface LineChart {
  /** What the vertical axis shows, with its unit. */
  yName: string;
  lines: readonly Line[];
  /** A value to compare with, drawn across. */
  reference?: { value: number; name: string };
  /** For screen readers. */
  description: string;
  /** Without noise, e.g. a learning rate: no moving mean, and never a logarithmic axis. */
  smooth?: boolean;
}

const frame: Frame = { width: 400, height: 212, left: 46, right: 78, top: 24, bottom: 32 };

export function lineChart(chart: LineChart): Markup | null {
  const lines = chart.lines.filter(({ curve }) => curve.step.length > 0);
  const values = lines.flatMap(({ curve }) => [...curve.low, ...curve.high]);
  const range = extent(chart.reference ? [...values, chart.reference.value] : values);
  const steps = extent(lines.flatMap(({ curve }) => curve.step));
  if (range === null || steps === null) return null;
  const isLog = chart.smooth !== true && range[0] > 0 && range[1] / range[0] > 30;
  const across = [frame.left, frame.width - frame.right] as const;
  const upwards = [frame.height - frame.bottom, frame.top] as const;
  const x = linearScale([Math.min(1, steps[0]), Math.max(2, steps[1])], across, 5);
  const y = isLog
    ? logScale([range[0] / 1.1, range[1] * 1.1], upwards)
    : linearScale(padded(range), upwards, 5);
  x.ticks = x.ticks.filter(Number.isInteger);
  const yName = isLog ? `${chart.yName}, log scale` : chart.yName;
  const drawn = lines.map((line) => ({
    ...line,
    mean: chart.smooth ? line.curve.mean : movingMean(line.curve.mean),
  }));
  return svg(frame, chart.description, [
    axes(frame, { x, y, xName: 'step', yName }),
    chart.reference ? referenceLine(chart.reference, y) : null,
    drawn.map(({ role, curve, mean }) => [
      mean === curve.mean
        ? null
        : markup`<path class="raw ${role}" d="${path(curve.step, curve.mean, x, y)}" />`,
      curve.low.some((low, index) => low !== curve.high[index]) ? band(role, curve, x, y) : null,
    ]),
    drawn.map(
      ({ role, curve, mean }) =>
        markup`<path class="line ${role}" d="${path(curve.step, mean, x, y)}" />`,
    ),
    endLabels(drawn.map(({ name, role, mean }) => ({ name, role, y: y.at(mean.at(-1)!) }))),
  ]);
}

/** Curves of fewer points are drawn as they are. */
export const fewestSmoothed = 40;

/** Over a twentieth of the points on both sides together; unchanged when there are few. */
export function movingMean(values: readonly number[]): readonly number[] {
  if (values.length < fewestSmoothed) return values;
  const half = Math.floor(values.length / fewestSmoothed);
  return values.map((_, index) => {
    // The window shrinks towards the ends, so that they are not pulled inwards, but never to the one
    // value there, which would draw its noise.
    const reach = Math.max(Math.ceil(half / 3), Math.min(half, index, values.length - 1 - index));
    const group = values.slice(Math.max(0, index - reach), index + reach + 1);
    return group.reduce((sum, value) => sum + value, 0) / group.length;
  });
}

function path(steps: readonly number[], values: readonly number[], x: Scale, y: Scale): string {
  const points = steps.map((step, index) => `${at(x.at(step))} ${at(y.at(values[index]!))}`);
  // A single point would be invisible as a line.
  return points.length === 1 ? `M${points[0]}h0.1` : `M${points.join('L')}`;
}

function band(role: DataRole, { step, low, high }: ReportedCurve, x: Scale, y: Scale): Markup {
  const along = step.map((value, index) => `${at(x.at(value))} ${at(y.at(high[index]!))}`);
  const back = step.map((value, index) => `${at(x.at(value))} ${at(y.at(low[index]!))}`).reverse();
  return markup`<path class="band ${role}" d="M${[...along, ...back].join('L')}Z" />`;
}

function referenceLine({ value, name }: { value: number; name: string }, y: Scale): Markup {
  const right = frame.width - frame.right;
  return markup`<g class="reference">
    <line x1="${frame.left}" x2="${right}" y1="${at(y.at(value))}" y2="${at(y.at(value))}" />
    <text x="${frame.left + 4}" y="${at(y.at(value) - 4)}">${name}</text>
  </g>`;
}

/** Names at the right end of their lines, pushed apart until they can be read. */
function endLabels(labels: { name: string; role: DataRole; y: number }[]): Markup[] {
  const gap = 12.5;
  const placed = labels.map((label) => ({ ...label })).sort((a, b) => a.y - b.y);
  for (const [index, label] of placed.entries()) {
    const above = placed[index - 1];
    if (above && label.y < above.y + gap) label.y = above.y + gap;
  }
  const lowest = frame.height - frame.bottom;
  for (let index = placed.length - 1; index >= 0; index--) {
    const most = index === placed.length - 1 ? lowest : placed[index + 1]!.y - gap;
    placed[index]!.y = Math.min(placed[index]!.y, most);
  }
  const x = frame.width - frame.right + 6;
  return placed.map(
    ({ name, role, y }) =>
      markup`<text class="label ${role}" x="${x}" y="${at(y + 3.5)}">${name}</text>`,
  );
}
