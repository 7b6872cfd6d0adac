/** A comparison as one file: HTML, the PDF that is printed from it, or the JSON document itself. */
import type { Comparison, ComparisonFormat } from '../../contract/comparison.ts';
import { writeFileDurably } from '../checkpoint/durable-file.ts';
import { comparisonHtml } from './comparison-html.ts';
import { jsonText } from './json-text.ts';

/** @param print HTML to PDF, which Electron does @throws disk-full, file-unwritable */
export async function writeComparison(
  comparison: Comparison,
  format: ComparisonFormat,
  file: string,
  print: (html: string) => Promise<Uint8Array>,
): Promise<void> {
  const content =
    format === 'json'
      ? Buffer.from(jsonText(comparison), 'utf8')
      : format === 'html'
        ? Buffer.from(comparisonHtml(comparison), 'utf8')
        : await print(comparisonHtml(comparison));
  writeFileDurably(file, [content]);
}
