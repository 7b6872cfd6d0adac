/**
 * The headless printer: an Electron app of one window, which ends when the PDF is written.
 *
 *   electron electron/pdf-printer report.html report.pdf
 */
const { app } = require('electron');
const { writeFileSync } = require('node:fs');
const { printPage } = require('./print-page.cjs');

const [htmlFile, pdfFile] = process.argv
  .slice(1)
  .filter((argument) => !argument.startsWith('-'))
  .slice(-2);

app.disableHardwareAcceleration();
app
  .whenReady()
  .then(async () => {
    writeFileSync(pdfFile, await printPage(htmlFile));
    app.exit(0);
  })
  .catch((error) => {
    process.stderr.write(`${error.message}\n`);
    app.exit(1);
  });
