/**
 * Lines of a text file, streamed: a BOM is dropped, CR before LF too, a last line without LF counts.
 * A line that is too long or not UTF-8 comes as its problem instead of its text, so that the caller
 * can name it and go on; at most MAX_LINE_BYTES are ever held.
 */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { unreadableFile } from '../checkpoint/read-json-file.ts';

export const MAX_LINE_BYTES = 8 * 2 ** 20;

export type TextLine = { number: number; bytes: number } & (
  { text: string; problem?: undefined } | { text?: undefined; problem: string }
);

/** Numbers count from 1; `bytes` is the length of the line as it was read. @throws file-unreadable */
export async function* readLines(path: string, gzip: boolean): AsyncGenerator<TextLine> {
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  const stream = gzip ? file.pipe(createGunzip()) : file;
  if (gzip) file.on('error', (error) => stream.destroy(error));
  let number = 0;
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  const take = (piece: Buffer) => {
    if (pendingBytes <= MAX_LINE_BYTES) pending.push(piece);
    pendingBytes += piece.length;
  };
  const finish = (): TextLine => {
    const line = asLine(++number, pending, pendingBytes);
    pending = [];
    pendingBytes = 0;
    return line;
  };
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      let from = 0;
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
        take(chunk.subarray(from, at));
        yield finish();
        from = at + 1;
      }
      if (from < chunk.length) take(chunk.subarray(from));
    }
    if (pendingBytes > 0) yield finish();
  } catch (error) {
    throw unreadableFile(path, error);
  } finally {
    file.destroy();
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function asLine(number: number, pieces: Buffer[], bytes: number): TextLine {
  if (bytes > MAX_LINE_BYTES) {
    return { number, bytes, problem: `longer than ${MAX_LINE_BYTES / 2 ** 20} MiB` };
  }
  let text: string;
  try {
    text = utf8.decode(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces));
  } catch {
    return { number, bytes, problem: 'not valid UTF-8' };
  }
  if (number === 1 && text.startsWith('\ufeff')) text = text.slice(1);
  return { number, bytes, text: text.endsWith('\r') ? text.slice(0, -1) : text };
}
