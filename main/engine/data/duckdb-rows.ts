/**
 * Parquet, CSV, JSON arrays and zstd through DuckDB, one text per row. DuckDB opens the one file it
 * is given: no extension is fetched, no temporary files are written, characters that mean a pattern
 * in a path are escaped. Each row leaves it as JSON text, so that all formats meet in one parser.
 */
import { resolve } from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import type { RowFormat } from './row-format.ts';

export interface TextRow {
  /** From 1: of the row, or of the line for `jsonl`. */
  number: number;
  /** Null for an empty line. */
  text: string | null;
}

export interface RejectedLine {
  line: number;
  message: string;
}

export interface CsvTable {
  separator: string;
  /** As the header line names them. */
  columns: string[];
}

/** A file that grows more than this while it is unpacked is taken for an attack. */
const MAX_RATIO = 200;
const MIN_SUSPECT_BYTES = 64 * 2 ** 20;

/**
 * @param table of a CSV file, else null
 * @param onRejected called for CSV lines that were left out; absent: the first of them is an error
 * @throws data-invalid
 */
export async function* readWithDuckdb(
  path: string,
  format: RowFormat,
  table: CsvTable | null,
  onRejected?: (line: RejectedLine) => void,
): AsyncGenerator<TextRow> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    temp_directory: '',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    const sql = query(format, table, onRejected !== undefined);
    const result = await connection.stream(sql, [resolve(path).replace(/[[*?]/g, '[$&]')]);
    let number = 0;
    let unpacked = 0;
    for await (const rows of result.yieldRows()) {
      for (const [value] of rows) {
        const text = typeof value === 'string' ? value : null;
        unpacked += text?.length ?? 1;
        if (unpacked > MIN_SUSPECT_BYTES && unpacked > MAX_RATIO * format.bytes) {
          throw new StudioError(
            'data-invalid',
            `${path} unpacks to more than ${MAX_RATIO} times its size.`,
            'This looks like a decompression bomb. Unpack it yourself if you trust it.',
          );
        }
        yield { number: ++number, text };
      }
    }
    if (onRejected) await reportRejected(connection, onRejected);
  } catch (error) {
    if (error instanceof StudioError) throw error;
    throw new StudioError(
      'data-invalid',
      `${path} cannot be read: ${firstSentences(error)}`,
      format.kind === 'csv'
        ? 'Check the quotes and the number of columns there, or set data.skipInvalid.'
        : 'Check that the file is whole and of the format that its name says.',
      { cause: error },
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function query(format: RowFormat, table: CsvTable | null, skipInvalid: boolean): string {
  const name = format.compression === 'none' ? 'uncompressed' : format.compression;
  const compression = `compression='${name}'`;
  switch (format.kind) {
    case 'parquet':
      return 'SELECT to_json(t)::VARCHAR FROM read_parquet($1, binary_as_string=true) t';
    case 'json':
      return `SELECT json::VARCHAR FROM read_json_objects($1, format='array', ${compression})`;
    case 'csv': {
      // Everything is said, so that DuckDB guesses nothing from rows that may be broken.
      const columns = (table?.columns ?? []).map((column) => `${quoted(column)}: 'VARCHAR'`);
      const dialect = `delim=${quoted(table?.separator ?? ',')}, quote='"', escape='"', header=true`;
      const rejects = skipInvalid ? ', store_rejects=true' : '';
      return `SELECT to_json(t)::VARCHAR FROM read_csv($1, columns={${columns.join(', ')}},
        auto_detect=false, ${dialect}, max_line_size=8388608, ${compression}${rejects}) t`;
    }
    case 'jsonl':
      // Lines as they are: a table of one column whose separator cannot occur in JSON.
      return `SELECT line FROM read_csv($1, columns={'line': 'VARCHAR'}, auto_detect=false, header=false,
        delim='\\x01', quote='', escape='', max_line_size=8388608, strict_mode=false, ${compression})`;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

async function reportRejected(
  connection: { runAndReadAll(sql: string): Promise<{ getRows(): unknown[][] }> },
  onRejected: (line: RejectedLine) => void,
): Promise<void> {
  const reader = await connection.runAndReadAll(
    'SELECT line, any_value(error_message) FROM reject_errors GROUP BY line ORDER BY line',
  );
  for (const [line, message] of reader.getRows()) {
    onRejected({ line: Number(line), message: String(message) });
  }
}

/** DuckDB's messages go on with advice about its own settings after the first lines. */
function firstSentences(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const lines = message.split('\n').map((line) => line.trim());
  const useful = lines.slice(0, message.includes('CSV Error on Line') ? 3 : 1);
  return useful.join(' ').slice(0, 400);
}
