/**
 * One entropy of every row against another, H0 against H1 unless it is said: on the dashed diagonal it
 * did not change; below it fell, above it rose. A
 * dot is a row, its area the row's weight, its colour the term that gives most of it. For many rows a dot
 * is a cell of the grid, its area the number of rows, and the fuller its colour the larger their weight.
 */
import type { ReportedCurriculum } from '../../../contract/report.ts';
import type { Markup } from '../markup.ts';
import { markup } from '../markup.ts';
import type { Frame } from './frame.ts';
import { at, axes, svg } from './frame.ts';
import { extent, linearScale } from './scale.ts';

const frame: Frame = { width: 400, height: 372, left: 46, right: 14, top: 24, bottom: 34 };

const beforeAndAfter = {
  xName: 'H₀, base model (nats)',
  yName: 'H₁, after SFT (nats)',
  description: 'Entropy of each row before and after SFT',
};

export function scatterChart(
  { kind, points }: ReportedCurriculum['scatter'],
  { xName, yName, description } = beforeAndAfter,
): Markup | null {
  if (points.length === 0) return null;
  const mostRows = points.reduce((most, { rows }) => Math.max(most, rows), 1);
  const range = bothAxes(points);
  const x = linearScale(range, [frame.left, frame.width - frame.right], 5);
  const y = linearScale(range, [frame.height - frame.bottom, frame.top], 5);
  const [low, high] = range;
  const radius = ({ weight, rows }: (typeof points)[number]): number =>
    kind === 'rows'
      ? Math.min(9, Math.max(1.2, 2.4 * Math.sqrt(weight)))
      : Math.max(0.9, 4.2 * Math.sqrt(rows / mostRows));
  const opacity = (weight: number): string =>
    kind === 'rows' ? '0.6' : at(Math.min(1, 0.3 + 0.35 * weight));
  // Large dots first, so that they do not cover small ones.
  const ordered = [...points].sort((a, b) => radius(b) - radius(a));
  return svg(frame, description, [
    axes(frame, { x, y, xName, yName }),
    markup`<line
      class="diagonal"
      x1="${at(x.at(low))}"
      y1="${at(y.at(low))}"
      x2="${at(x.at(high))}"
      y2="${at(y.at(high))}"
    />`,
    ordered.map(
      (point) =>
        markup`<circle
          class="term${point.term}"
          cx="${at(x.at(point.entropy0))}"
          cy="${at(y.at(point.entropy1))}"
          r="${at(radius(point))}"
          fill-opacity="${opacity(point.weight)}"
        />`,
    ),
  ]);
}

/** The same on both axes, so that the diagonal is one; from 0 unless all rows lie far from it. */
function bothAxes(points: ReportedCurriculum['scatter']['points']): [number, number] {
  const [low, high] = extent(points.flatMap(({ entropy0, entropy1 }) => [entropy0, entropy1])) ?? [
    0, 1,
  ];
  const room = (high - low) * 0.06 || high * 0.05 || 1;
  return [low < high * 0.4 ? 0 : low - room, high + room];
}
