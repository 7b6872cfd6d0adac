/**
 * Writes the report of a run: for people as HTML, PDF or Markdown, for programs as JSON
 * (contract/report.ts) or CSV. Files appear whole or not at all.
 */
import { join } from 'node:path';
import type { ReportFormat, RunReport, TextFormat } from '../../contract/report.ts';
import { writeFileDurably } from '../checkpoint/durable-file.ts';
import { collectReport } from './collect.ts';
import { csvReport } from './csv-report.ts';
import { htmlReport } from './html-report.ts';
import { jsonText } from './json-text.ts';
import { markdownReport } from './markdown-report.ts';

/** Lays out HTML as the bytes of a PDF. Electron does that; the engine does not know it. */
export type PrintPdf = (html: string) => Promise<Uint8Array>;

/** @throws run-missing, file-unreadable, disk-full, file-unwritable, and what `print` throws */
export async function writeRunReport(
  runFolder: string,
  format: ReportFormat,
  outFile: string,
  print: PrintPdf,
): Promise<RunReport> {
  const report = await collectReport(runFolder);
  if (format === 'pdf') {
    writeFileDurably(outFile, [Buffer.from(await print(renderReport(report, 'html')))]);
  } else {
    write(outFile, renderReport(report, format));
  }
  return report;
}

/** What a finished run leaves in its last stage. Returns the names of the files. */
export async function reportStageFiles(runFolder: string, folder: string): Promise<string[]> {
  const report = await collectReport(runFolder);
  return (['html', 'md', 'json'] as const).map((format) => {
    const name = `report.${format}`;
    write(join(folder, name), renderReport(report, format));
    return name;
  });
}

export function renderReport(report: RunReport, format: TextFormat): string {
  switch (format) {
    case 'html':
      return htmlReport(report);
    case 'md':
      return markdownReport(report);
    case 'csv':
      return csvReport(report);
    case 'json':
      return jsonText(report);
  }
}

function write(path: string, text: string): void {
  writeFileDurably(path, [Buffer.from(text, 'utf8')]);
}
