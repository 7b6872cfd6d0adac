/** Rows by weight relative to uniform, on a logarithmic axis; the dashed line is a row without curriculum. */
import type { ReportedCurriculum } from '../../../contract/report.ts';
import type { Markup } from '../markup.ts';
import { markup } from '../markup.ts';
import type { Frame } from './frame.ts';
import { at, axes, svg } from './frame.ts';
import { linearScale, logScale, tickText } from './scale.ts';

const frame: Frame = { width: 400, height: 372, left: 46, right: 14, top: 24, bottom: 34 };

export function histogramChart(given: ReportedCurriculum['histogram']): Markup | null {
  const { edges, counts } = given;
  if (counts.length === 0) return null;
  const low = Math.min(edges[0]!, 0.9);
  const high = Math.max(edges.at(-1)!, 1.1);
  const x = logScale([low, high], [frame.left, frame.width - frame.right]);
  const most = Math.max(...counts);
  const y = linearScale([0, most * 1.08], [frame.height - frame.bottom, frame.top], 5);
  y.ticks = y.ticks.filter(Number.isInteger);
  const floor = y.at(0);
  return svg(frame, 'How many rows have which weight', [
    axes(frame, {
      x,
      y,
      xName: 'weight relative to uniform',
      yName: 'rows',
      xText: (value) => `${tickText(value)}×`,
    }),
    counts.map((count, bin) => {
      const left = x.at(edges[bin]!);
      const width = Math.max(0.5, x.at(edges[bin + 1]!) - left - 1);
      return markup`<rect
        class="bar"
        x="${at(left)}"
        y="${at(y.at(count))}"
        width="${at(width)}"
        height="${at(floor - y.at(count))}"
      />`;
    }),
    markup`<g class="reference">
      <line x1="${at(x.at(1))}" x2="${at(x.at(1))}" y1="${frame.top}" y2="${at(floor)}" />
      <text x="${at(x.at(1) + 4)}" y="${frame.top + 9}">uniform</text>
    </g>`,
  ]);
}
