/**
 * Numbers of a grid as shades of one colour, with the number in each cell: rows are layers, from the
 * first at the top, columns are modules. Shades stay light enough to read the number on them.
 */
import type { Markup } from '../markup.ts';
import { markup } from '../markup.ts';
import type { Frame } from './frame.ts';
import { svg } from './frame.ts';

const cell = { width: 78, height: 19 };
const left = 34;
const top = 20;

/**
 * @param rows [layer][module], shares
 * @param most the share with the darkest shade, the same for all maps that are compared
 */
export function heatMap(
  columns: readonly string[],
  rows: readonly (readonly number[])[],
  description: string,
  most: number,
): Markup | null {
  if (rows.length === 0) return null;
  const frame: Frame = {
    width: left + columns.length * cell.width,
    height: top + rows.length * cell.height,
    left,
    right: 0,
    top,
    bottom: 0,
  };
  return svg(frame, description, [
    columns.map(
      (name, column) =>
        markup`<text class="middle" x="${left + (column + 0.5) * cell.width}" y="13">${name}</text>`,
    ),
    rows.map((row, layer) => [
      markup`<text class="end" x="${left - 8}" y="${top + layer * cell.height + 13}">${layer}</text>`,
      row.map((value, column) => {
        const x = left + column * cell.width;
        const y = top + layer * cell.height;
        const shade = most === 0 ? 0 : (0.5 * value) / most;
        return markup`<rect class="heat" x="${x + 1}" y="${y + 1}" width="${cell.width - 2}" height="${cell.height - 2}" fill-opacity="${shade.toFixed(3)}" /><text class="middle share" x="${x + cell.width / 2}" y="${y + 13}">${shareText(value)}</text>`;
      }),
    ]),
  ]);
}

function shareText(value: number): string {
  const hundred = 100 * value;
  return `${hundred >= 10 ? hundred.toFixed(0) : hundred.toPrecision(2)} %`;
}
