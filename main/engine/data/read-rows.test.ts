import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InvalidRow, ReadOptions, SourceRow } from './read-rows.ts';
import { readRows } from './read-rows.ts';

let folder: string;
beforeAll(() => {
  // A name with pattern characters, which must not be taken for a pattern.
  folder = mkdtempSync(join(tmpdir(), 'rows [a]*-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function all(path: string, options?: ReadOptions): Promise<SourceRow[]> {
  const rows: SourceRow[] = [];
  for await (const row of readRows(path, options)) rows.push(row);
  return rows;
}

async function values(path: string, options?: ReadOptions): Promise<unknown[]> {
  return (await all(path, options)).map((row) => row.value);
}

async function duckdb(sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

const lines = '{"a":1,"t":"é\\u0000"}\n{"a":2,"t":"😀\\n"}\n';
const rows = [
  { a: 1, t: 'é\u0000' },
  { a: 2, t: '😀\n' },
];

describe('rows', () => {
  it('come from JSONL, with BOM, CRLF, empty lines and no final newline', async () => {
    const text = `\ufeff{"a":1}\r\n\r\n  {"a":2}\n{"a":3}`;
    const read = await all(write('plain.jsonl', text));
    expect(read.map(({ row, line, value }) => [row, line, value])).toEqual([
      [0, 1, { a: 1 }],
      [1, 3, { a: 2 }],
      [2, 4, { a: 3 }],
    ]);
    expect(read[2]!.fraction).toBe(1);
  });

  it('come from lines that cross the chunks of the stream', async () => {
    const many = Array.from({ length: 3000 }, (_, a) => ({ a, t: 'ä'.repeat(a % 700) }));
    const text = many.map((row) => JSON.stringify(row)).join('\n');
    expect(Buffer.byteLength(text)).toBeGreaterThan(4 * 2 ** 18);
    expect(await values(write('long.jsonl', text))).toEqual(many);
  });

  it('come from JSONL.gz and JSONL.zst', async () => {
    expect(await values(write('rows.jsonl.gz', gzipSync(lines)))).toEqual(rows);
    const zst = join(folder, 'rows.jsonl.zst');
    await duckdb(`COPY (SELECT unnest(['{"a":1,"t":"é\\u0000"}', '{"a":2,"t":"😀\\n"}']))
      TO '${zst}' (FORMAT csv, HEADER false, QUOTE '', DELIMITER E'\\x01', COMPRESSION zstd)`);
    expect(await values(zst)).toEqual(rows);
    expect((await all(zst)).map((row) => row.place)).toEqual([`${zst} line 1`, `${zst} line 2`]);
  });

  it('come from a JSON array, whatever the file is called', async () => {
    expect(await values(write('array.json', JSON.stringify(rows, null, 2)))).toEqual(rows);
    expect(await values(write('array.jsonl', JSON.stringify(rows)))).toEqual(rows);
    expect(await values(write('lines.json', lines))).toEqual(rows);
    expect(await values(write('nameless', lines))).toEqual(rows);
  });

  it('come from parquet, nested lists included', async () => {
    const path = join(folder, 'rows.parquet');
    await duckdb(`COPY (SELECT * FROM (VALUES
      (1, [{'role': 'user', 'content': 'é'}, {'role': 'assistant', 'content': 'b'}]), (2, NULL)
      ) t(idx, messages)) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`);
    const messages = [
      { role: 'user', content: 'é' },
      { role: 'assistant', content: 'b' },
    ];
    expect(await values(path)).toEqual([
      { idx: 1, messages },
      { idx: 2, messages: null },
    ]);
  });

  it('come from CSV as texts, with quotes, newlines and other separators', async () => {
    const csv = 'question,answer\r\n"a, ""b""\nc",007\r\nd,1e5\r\n';
    expect(await values(write('rows.csv', csv))).toEqual([
      { question: 'a, "b"\nc', answer: '007' },
      { question: 'd', answer: '1e5' },
    ]);
    expect(await values(write('rows.tsv', 'q\ta\n1, 2\t3\n'))).toEqual([{ q: '1, 2', a: '3' }]);
    expect(await values(write('quote.csv', '"it\'s, ""q""",a\n1,\n'))).toEqual([
      { 'it\'s, "q"': '1', a: null },
    ]);
    expect(await values(write('semi.csv', 'q;a\n1;2\n'))).toEqual([{ q: '1', a: '2' }]);
  });

  it('keep a __proto__ key as a field and pollute nothing', async () => {
    const [value] = await values(write('proto.jsonl', '{"__proto__": {"polluted": 1}, "a": 2}\n'));
    expect(Object.keys(value as object)).toEqual(['__proto__', 'a']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect((value as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('a row that cannot be read', () => {
  const broken: [string, string | Buffer, RegExp][] = [
    ['bad JSON', '{bad', /line 2: not valid JSON/],
    ['a list', '[1, 2]', /line 2: a list, not an object/],
    ['a NUL', '{"a": "\u0000"}', /line 2: not valid JSON/],
    ['bad UTF-8', Buffer.from([0x22, 0xff, 0x22]), /line 2: not valid UTF-8/],
    ['a huge line', Buffer.alloc(9 * 2 ** 20, 0x20), /line 2: longer than 8 MiB/],
  ];
  for (const [name, line, message] of broken) {
    it(`is named by its number, or left out and reported: ${name}`, async () => {
      const content = [Buffer.from('{"a":1}\n'), Buffer.from(line), Buffer.from('\n{"a":3}\n')];
      const path = write('broken.jsonl', Buffer.concat(content));
      await expect(all(path)).rejects.toThrow(message);
      await expect(all(path)).rejects.toMatchObject({ code: 'data-invalid' });
      const invalid: InvalidRow[] = [];
      const read = await all(path, { onInvalid: (row) => invalid.push(row) });
      expect(read.map(({ row, line, value }) => [row, line, value])).toEqual([
        [0, 1, { a: 1 }],
        [2, 3, { a: 3 }],
      ]);
      expect(invalid.map((row) => row.line)).toEqual([2]);
    });
  }

  it('is named in a zst file too', async () => {
    const path = join(folder, 'broken.jsonl.zst');
    await duckdb(`COPY (SELECT unnest(['{"a":1}', '', '{bad']))
      TO '${path}' (FORMAT csv, HEADER false, QUOTE '', DELIMITER E'\\x01', COMPRESSION zstd)`);
    await expect(all(path)).rejects.toThrow(/line 3: not valid JSON/);
  });

  it('is named in CSV, or left out and reported', async () => {
    const path = write('broken.csv', 'q,a\n1,2\n3,4,5\n6,7\n');
    await expect(all(path)).rejects.toThrow(/Line: 3/);
    const invalid: InvalidRow[] = [];
    const read = await values(path, { onInvalid: (row) => invalid.push(row) });
    expect(read).toEqual([
      { q: '1', a: '2' },
      { q: '6', a: '7' },
    ]);
    expect(invalid).toHaveLength(1);
    expect(invalid[0]).toMatchObject({ line: 3 });
  });

  it('ends a JSON array', async () => {
    await expect(all(write('cut.json', '[{"a":1},{"a":'))).rejects.toThrow(/Malformed JSON/);
  });
});

describe('a CSV header', () => {
  it('that names no columns, or one twice, is refused', async () => {
    await expect(all(write('twice.csv', 'a,b,A\n1,2,3\n'))).rejects.toThrow(
      /names the column "A" twice/,
    );
    await expect(all(write('gap.csv', 'a,,b\n1,2,3\n'))).rejects.toThrow(/column 2 has no name/);
    await expect(all(write('open.csv', '"a,b\n1,2\n'))).rejects.toThrow(/quote is not closed/);
  });
});

describe('a file that cannot be read', () => {
  it('is refused with its reason', async () => {
    await expect(all(join(folder, 'absent.jsonl'))).rejects.toMatchObject({ code: 'file-missing' });
    await expect(all(write('empty.jsonl', ''))).rejects.toMatchObject({ code: 'data-empty' });
    await expect(all(folder)).rejects.toThrow(/not a file/);
    await expect(all(write('photo', 'GIF89a'))).rejects.toThrow(/no format that can be told/);
    await expect(all(write('bad.parquet', 'PAR1 no'))).rejects.toMatchObject({
      code: 'data-invalid',
    });
    await expect(all(write('cut.jsonl.gz', gzipSync(lines).subarray(0, 30)))).rejects.toThrow(
      /cut\.jsonl\.gz/,
    );
  });

  it('is refused when it unpacks to far more than its size', async () => {
    const path = join(folder, 'bomb.jsonl.zst');
    await duckdb(`COPY (SELECT repeat(' ', 4000000) || '{}' FROM range(25))
      TO '${path}' (FORMAT csv, HEADER false, QUOTE '', DELIMITER E'\\x01', COMPRESSION zstd)`);
    await expect(all(path)).rejects.toThrow(/more than 200 times its size/);
  });
});
