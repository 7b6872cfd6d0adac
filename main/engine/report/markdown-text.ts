/**
 * Text inside Markdown: signs that Markdown or HTML give a meaning are escaped, and bare addresses broken
 * up so that GitHub makes no links of them; numbers and hyphens stay readable in the source. Longer text
 * goes into a fence that is longer than any run of backticks in it.
 */
import { plainLine, plainText } from './plain-text.ts';

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '@': '&#64;' };

/** In one line. */
export function mdText(text: string): string {
  return plainLine(text)
    .replace(/[&<>@]/g, (sign) => entities[sign]!)
    .replace(/[\\`*_[\]#!|~$]/g, '\\$&')
    .replace(/:(?=\/\/)/g, '&#58;')
    .replace(/\b(www)\./gi, '$1&#46;')
    .replace(/^[-+=]/, '\\$&')
    .replace(/^(\d+)([.)])/, '$1\\$2');
}

export function mdFence(text: string, language = ''): string {
  const content = plainText(text).replace(/\n+$/, '');
  const longest = Math.max(0, ...[...content.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}${language}\n${content}\n${fence}`;
}

/** Cells are Markdown already. @param align one letter a column: l or r */
export function mdTable(
  heading: readonly string[],
  align: string,
  rows: readonly string[][],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = [...align].map((side) => (side === 'r' ? '---:' : ':---'));
  return [line(heading), line(rule), ...rows.map(line)].join('\n');
}
