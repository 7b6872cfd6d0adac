/**
 * What all drawings share: the SVG element with a description for screen readers, grid lines, tick
 * labels and axis names. Colours and type come from the page's style sheet through classes.
 */
import type { Insertable, Markup } from '../markup.ts';
import { markup } from '../markup.ts';
import type { Scale } from './scale.ts';
import { tickText } from './scale.ts';

export interface Frame {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export function svg(frame: Frame, description: string, content: Insertable): Markup {
  const { width, height } = frame;
  return markup`<svg
    viewBox="0 0 ${width} ${height}"
    role="img"
    aria-label="${description}"
    preserveAspectRatio="xMidYMid meet"
  >
    ${content}
  </svg>`;
}

/** One decimal is a tenth of a pixel: enough, and a quarter of the file's size. */
export function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export interface Axes {
  x: Scale;
  y: Scale;
  xName: string;
  yName: string;
  xText?: (value: number) => string;
  yText?: (value: number) => string;
}

export function axes(frame: Frame, given: Axes): Markup {
  const { x, y, xName, yName, xText = tickText, yText = tickText } = given;
  const { width, height, left, right, top, bottom } = frame;
  const floor = height - bottom;
  return markup`<g class="axis">
    ${y.ticks.map(
      (tick) =>
        markup`<line
            x1="${left}"
            x2="${width - right}"
            y1="${at(y.at(tick))}"
            y2="${at(y.at(tick))}"
          />
          <text x="${left - 6}" y="${at(y.at(tick) + 3.5)}" class="end">${yText(tick)}</text>`,
    )}
    ${x.ticks.map(
      (tick) =>
        markup`<line x1="${at(x.at(tick))}" x2="${at(x.at(tick))}" y1="${floor}" y2="${floor + 4}" />
          <text x="${at(x.at(tick))}" y="${floor + 15}" class="middle">${xText(tick)}</text>`,
    )}
    <line class="floor" x1="${left}" x2="${width - right}" y1="${floor}" y2="${floor}" />
    <text class="name end" x="${width - right}" y="${height - 3}">${xName}</text>
    ${yName === '' ? null : markup`<text class="name" x="4" y="${top - 9}">${yName}</text>`}
  </g>`;
}
