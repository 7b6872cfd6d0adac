/**
 * The header line of a CSV file: its separator (comma, semicolon or tab: the one it has most of) and
 * its column names. It is read here rather than guessed by DuckDB, whose guess depends on the rows
 * that follow, broken ones included.
 */
import { StudioError } from '../../contract/errors.ts';
import type { CsvTable } from './duckdb-rows.ts';
import { readWithDuckdb } from './duckdb-rows.ts';
import type { RowFormat } from './row-format.ts';
import { readLines } from './text-lines.ts';

/** @throws data-invalid, file-unreadable */
export async function readCsvHeader(path: string, format: RowFormat): Promise<CsvTable> {
  const header = await firstLine(path, format);
  const count = (character: string) => header.split(character).length;
  const [separator] = [',', ';', '\t'].sort((left, right) => count(right) - count(left));
  const columns = splitHeader(header, separator!, path);
  const seen = new Set<string>();
  columns.forEach((column, index) => {
    if (column === '') throw invalid(path, `column ${index + 1} has no name`);
    const name = column.toLowerCase();
    if (seen.has(name)) throw invalid(path, `it names the column "${column}" twice`);
    seen.add(name);
  });
  return { separator: separator!, columns };
}

async function firstLine(path: string, format: RowFormat): Promise<string> {
  if (format.compression === 'zstd') {
    for await (const { text } of readWithDuckdb(path, { ...format, kind: 'jsonl' }, null)) {
      return text ?? '';
    }
  } else {
    for await (const line of readLines(path, format.compression === 'gzip')) {
      if (line.problem !== undefined) throw invalid(path, `it is ${line.problem}`);
      return line.text;
    }
  }
  throw new StudioError('data-empty', `${path} is empty.`, 'Choose a file with at least one row.');
}

/** Names between separators; a name in double quotes may hold separators and doubled quotes. */
function splitHeader(header: string, separator: string, path: string): string[] {
  const names: string[] = [];
  let name = '';
  let quoted = false;
  for (let at = 0; at < header.length; at++) {
    const character = header[at]!;
    if (character === '"' && quoted && header[at + 1] === '"') name += header[at++];
    else if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) {
      names.push(name);
      name = '';
    } else name += character;
  }
  if (quoted) throw invalid(path, 'a quote is not closed');
  return [...names, name].map((text) => text.trim());
}

function invalid(path: string, reason: string): StudioError {
  return new StudioError(
    'data-invalid',
    `${path}: the header line cannot be used: ${reason}.`,
    'The first line of a CSV file has to name each column once.',
  );
}
