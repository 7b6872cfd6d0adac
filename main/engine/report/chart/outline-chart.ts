/** Distributions over the same bins as outlines one over the other, named at their right. */
import type { Markup } from '../markup.ts';
import { markup } from '../markup.ts';
import type { Frame } from './frame.ts';
import { at, axes, svg } from './frame.ts';
import type { DataRole } from './line-chart.ts';
import { linearScale, tickText } from './scale.ts';

export interface OutlineChart {
  /** One more than there are bins. */
  edges: readonly number[];
  outlines: readonly { name: string; role: DataRole; shares: readonly number[] }[];
  xName: string;
  /** What is counted, e.g. "tokens". */
  of: string;
  /** For screen readers. */
  description: string;
}

const frame: Frame = { width: 400, height: 212, left: 46, right: 78, top: 24, bottom: 32 };
const lineHeight = 13;

export function outlineChart({
  edges,
  outlines,
  xName,
  of,
  description,
}: OutlineChart): Markup | null {
  const [low, high] = [edges[0], edges.at(-1)];
  if (low === undefined || high === undefined || outlines.length === 0) return null;
  const most = Math.max(...outlines.flatMap(({ shares }) => shares));
  const x = linearScale([low, high], [frame.left, frame.width - frame.right], 6);
  const y = linearScale([0, most * 1.08 || 1], [frame.height - frame.bottom, frame.top], 4);
  const path = (shares: readonly number[]): string => {
    const steps = shares.map((share, bin) => `V${at(y.at(share))}H${at(x.at(edges[bin + 1]!))}`);
    return `M${at(x.at(low))},${at(y.at(0))}${steps.join('')}V${at(y.at(0))}`;
  };
  return svg(frame, description, [
    axes(frame, {
      x,
      y,
      xName,
      yName: `share of ${of}`,
      yText: (share) => `${tickText(Number((share * 100).toPrecision(3)))} %`,
    }),
    outlines.map(({ role, shares }) => markup`<path class="line ${role}" d="${path(shares)}" />`),
    outlines.map(
      ({ name, role }, index) =>
        markup`<text
          class="label ${role}"
          x="${frame.width - frame.right + 6}"
          y="${frame.top + 8 + index * lineHeight}"
          >${name}</text
        >`,
    ),
  ]);
}
