/**
 * Text inside Markdown: every character that Markdown or HTML gives a meaning becomes a character
 * reference, which no renderer reads as syntax, not even GitHub's autolinks. Longer text goes into a
 * fence that is longer than any run of backticks or tildes in it.
 */
import { plainLine, plainText } from './plain-text.ts';

export function mdText(text: string): string {
  // Besides the ASCII signs ':' and '.' after letters, which would make links of bare addresses.
  return plainLine(text).replace(
    /[\\`*_{}[\]()#+!|<>&~$"'@=^-]|(?<=\w)[:.](?=[\w/])|^\d+(?=[.)])/g,
    (characters) => [...characters].map((one) => `&#${one.codePointAt(0)};`).join(''),
  );
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
