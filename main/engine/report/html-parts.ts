/** Parts that several chapters of the HTML report are made of: captions with sources, tables, colours. */
import type { ReportSource } from '../../contract/report.ts';
import type { DataRole } from './chart/line-chart.ts';
import type { Insertable, Markup } from './markup.ts';
import { markup } from './markup.ts';

/** The colour of a model of the evaluation: the weak-driven one is the strong agent, trained on. */
export function roleOf(model: string): DataRole | 'plain' {
  if (model === 'weak-driven') return 'strong';
  return model === 'baseline' || model === 'sft' ? 'baseline' : 'plain';
}

/** Where the numbers come from: the file, and the beginning of its hash. */
export function sourceNote(...sources: readonly ReportSource[]): Markup {
  const list = sources.map(
    ({ file, sha256 }, index) =>
      markup`${index > 0 ? ', ' : ''}<span class="mono long">${file}</span>${
        sha256 ? markup` (<span class="mono">${sha256.slice(0, 12)}</span>)` : null
      }`,
  );
  return markup`<span class="source">Source: ${list}.</span>`;
}

/** Nothing where there is no drawing. */
export function figure(drawing: Markup | null, caption: Insertable): Markup | null {
  if (drawing === null) return null;
  return markup`<figure>
    ${drawing}
    <figcaption>${caption}</figcaption>
  </figure>`;
}

/** Longer tables may go over a page's end; shorter ones move to the next page. */
const longTable = 9;

export interface Column {
  title: Insertable;
  isNumber?: boolean;
}

/** The first cell of a row is its heading. */
export function table(
  caption: Insertable,
  columns: readonly Column[],
  rows: readonly { cells: readonly Insertable[]; emphasis?: boolean }[],
): Markup {
  const kind = (column: number): string => (columns[column]?.isNumber ? 'number' : '');
  return markup`<div class="scroll ${rows.length > longTable ? '' : 'short'}">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map(
            ({ title }, column) => markup`<th scope="col" class="${kind(column)}">${title}</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ cells, emphasis }) =>
            markup`<tr class="${emphasis ? 'emphasis' : ''}">
              ${cells.map((cell, column) =>
                column === 0
                  ? markup`<th scope="row" class="${kind(column)}">${cell}</th>`
                  : markup`<td class="${kind(column)}">${cell}</td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

export function section(id: string, title: string, content: Insertable): Markup {
  return markup`<section id="${id}">
    <h2>${title}</h2>
    ${content}
  </section>`;
}

export function list(items: readonly Insertable[]): Markup {
  return markup`<ul class="prose">
    ${items.map((item) => markup`<li>${item}</li>`)}
  </ul>`;
}
