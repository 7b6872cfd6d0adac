/**
 * Step time and memory over one size as a small SVG of its own. Time has logarithmic axes: growth in
 * proportion is a line at the slope of the dotted one. Memory, which has a large constant part, has
 * linear ones: growth in proportion is any straight line.
 */
import { at, axes, type Frame } from '../report/chart/frame.ts';
import { linearScale, logScale, type Scale } from '../report/chart/scale.ts';
import { markup, markupText, trusted, type Markup } from '../report/markup.ts';
import type { ScalingAxis, ScalingPoint } from './scaling.ts';

const frame: Frame = { width: 400, height: 240, left: 46, right: 14, top: 28, bottom: 34 };
const gap = 40;

const names: Record<ScalingAxis, string> = {
  length: 'tokens in a sequence',
  depth: 'layers',
  vocabulary: 'tokens of the vocabulary',
  batch: 'sequences at once',
};

const style = `text{font:10px system-ui,sans-serif;fill:#555}.name{fill:#222}.end{text-anchor:end}
.middle{text-anchor:middle}.axis line{stroke:#ddd}.axis .floor{stroke:#888}
.line{fill:none;stroke:#2f6db5;stroke-width:2}.line.ideal{stroke:#aaa;stroke-width:1;stroke-dasharray:2 3}
circle{fill:#2f6db5}svg{background:#fff}`;

/** `points` of one axis, in ascending order. */
export function scalingChart(axis: ScalingAxis, points: readonly ScalingPoint[]): string {
  const seconds = points.map(({ processorSeconds }) => processorSeconds);
  const memory = points.map(({ peakBytes }) => peakBytes / 1e9);
  const sizes = points.map(({ size }) => size);
  const description = `Processor time and peak memory of a step over ${names[axis]}`;
  const width = 2 * frame.width + gap;
  return markupText(markup`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${
    frame.height
  }" viewBox="0 0 ${width} ${frame.height}" role="img" aria-label="${description}"><style>${trusted(
    style,
  )}</style><rect width="${width}" height="${frame.height}" fill="#fff" />
  ${panel('processor time of a step, s', names[axis], sizes, seconds, true)}
  <g transform="translate(${frame.width + gap} 0)">${panel(
    'peak memory, GB',
    names[axis],
    sizes,
    memory,
    false,
  )}</g></svg>
`);
}

function panel(
  yName: string,
  xName: string,
  sizes: readonly number[],
  values: readonly number[],
  logarithmic: boolean,
): Markup {
  const first = values[0]!;
  const last = sizes.at(-1)!;
  const top = Math.max(...values) * 1.15;
  const across = [frame.left, frame.width - frame.right] as const;
  const upwards = [frame.height - frame.bottom, frame.top] as const;
  const x = logarithmic ? logScale([sizes[0]!, last], across) : linearScale([0, last], across, 4);
  const y = logarithmic
    ? logScale([Math.min(...values) / 1.15, top], upwards)
    : linearScale([0, top], upwards, 4);
  if (logarithmic) x.ticks = [...sizes];
  const reach = Math.min(last / sizes[0]!, top / first);
  const ideal = [
    [sizes[0]!, first],
    [sizes[0]! * reach, first * reach],
  ] as const;
  return markup`${axes(frame, { x, y, xName, yName })}
    ${logarithmic ? markup`<path class="line ideal" d="${path(ideal, x, y)}" />` : null}
    <path class="line" d="${path(
      sizes.map((size, index) => [size, values[index]!]),
      x,
      y,
    )}" />
    ${sizes.map(
      (size, index) =>
        markup`<circle cx="${at(x.at(size))}" cy="${at(y.at(values[index]!))}" r="3" />`,
    )}`;
}

function path(points: readonly (readonly [number, number])[], x: Scale, y: Scale): string {
  return points
    .map(([px, py], index) => `${index === 0 ? 'M' : 'L'}${at(x.at(px))} ${at(y.at(py))}`)
    .join('');
}
