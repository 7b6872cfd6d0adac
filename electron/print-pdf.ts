/** HTML -> PDF inside the app, in a window that nobody sees (pdf-printer/print-page.cjs). */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printPage } from './pdf-printer/print-page.cjs';

/** The page is a file for as long as it is printed: a report may be longer than an address can be. */
export async function printPdf(html: string): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'wds-report-'));
  try {
    const file = join(folder, 'report.html');
    writeFileSync(file, html);
    return await printPage(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
