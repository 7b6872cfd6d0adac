/** Accuracies with their 95 % intervals, one row per model: position on a common scale, no bars. */
import type { Markup } from '../markup.ts';
import { markup } from '../markup.ts';
import { percent } from '../number-text.ts';
import type { Frame } from './frame.ts';
import { at, axes, svg } from './frame.ts';
import type { DataRole } from './line-chart.ts';
import { extent, linearScale, tickText } from './scale.ts';

export interface Dot {
  name: string;
  role: DataRole | 'plain';
  value: number;
  low: number;
  high: number;
}

const rowHeight = 26;

export function dotPlot(dots: readonly Dot[], description: string): Markup | null {
  const range = extent(dots.flatMap(({ low, high }) => [low, high]));
  if (range === null) return null;
  const height = 4 + dots.length * rowHeight + 34;
  const frame: Frame = { width: 720, height, left: 124, right: 66, top: 4, bottom: 34 };
  const span = Math.max(range[1] - range[0], 0.1);
  const low = Math.max(0, range[0] - span * 0.06);
  const high = Math.min(1, Math.max(range[1], range[0] + 0.1) + span * 0.06);
  const x = linearScale([low, high], [frame.left, frame.width - frame.right], 7);
  const y = { at: (row: number) => frame.top + (row + 0.5) * rowHeight, ticks: [] };
  return svg(frame, description, [
    axes(frame, {
      x,
      y,
      xName: 'held-out items answered correctly, with 95 % interval',
      yName: '',
      xText: (share) => `${tickText(share * 100)} %`,
    }),
    x.ticks.map(
      (tick) =>
        markup`<line
          class="guide"
          x1="${at(x.at(tick))}"
          x2="${at(x.at(tick))}"
          y1="${frame.top}"
          y2="${height - frame.bottom}"
        />`,
    ),
    dots.map(
      (dot, row) =>
        markup`<g class="dot ${dot.role}">
          <text class="label" x="${frame.left - 10}" y="${at(y.at(row) + 4)}">${dot.name}</text>
          <line
            x1="${at(x.at(dot.low))}"
            x2="${at(x.at(dot.high))}"
            y1="${at(y.at(row))}"
            y2="${at(y.at(row))}"
          />
          <circle cx="${at(x.at(dot.value))}" cy="${at(y.at(row))}" r="5" />
          <text class="value" x="${frame.width - 4}" y="${at(y.at(row) + 4)}"
            >${percent(dot.value)}</text
          >
        </g>`,
    ),
  ]);
}
