/**
 * HTML -> PDF for the command line: Electron prints it in a window that nobody sees, in a process of
 * its own (electron/pdf-printer), because Node cannot lay out a page.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../resources/setup/paths.mjs';
import { StudioError } from '../contract/errors.ts';

const printer = join(projectRoot, 'electron', 'pdf-printer', 'start.mjs');

/** @throws runtime-missing where there is no Electron, no display, or printing failed */
export async function printPdf(html: string): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'wds-report-'));
  try {
    const [htmlFile, pdfFile] = [join(folder, 'report.html'), join(folder, 'report.pdf')];
    writeFileSync(htmlFile, html);
    await run([printer, htmlFile, pdfFile]);
    return readFileSync(pdfFile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, (error, _out, err) => {
      if (error === null) return resolve();
      const line = err.split('\n').find((each) => each.startsWith('pdf: '));
      reject(
        new StudioError(
          'runtime-missing',
          `The report cannot be printed as PDF. ${line?.slice(5) ?? error.message}`,
          'Or write --format html and print that from any browser: its pages are laid out for A4.',
          { cause: error },
        ),
      );
    });
  });
}
