/**
 * Prints one HTML file as a PDF, in a window that nobody sees: no scripts, no Node, Chromium's sandbox,
 * a session of its own in memory in which the only address that loads is that file. Shared by the app
 * and by the headless printer (main.cjs); plain CommonJS, so that the latter needs no build.
 */
const { BrowserWindow, session } = require('electron');
const { pathToFileURL } = require('node:url');

const footer = `<div style="font: 7px sans-serif; color: #666; width: 100%; margin: 0 12mm;
  display: flex; justify-content: space-between; gap: 10mm">
  <span class="title" style="overflow: hidden; white-space: nowrap"></span>
  <span style="white-space: nowrap"><span class="pageNumber"></span> / <span class="totalPages"></span></span>
</div>`;

/**
 * @param {string} htmlFile
 * @returns {Promise<Buffer>} pages as the file's own @page rule wants them
 */
async function printPage(htmlFile) {
  const address = pathToFileURL(htmlFile).href;
  const partition = `print-${process.hrtime.bigint()}`;
  session
    .fromPartition(partition)
    .webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: url !== address }));
  const window = new BrowserWindow({
    show: false,
    webPreferences: {
      partition,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      javascript: false,
    },
  });
  try {
    await window.loadURL(address);
    return await window.webContents.printToPDF({
      preferCSSPageSize: true,
      printBackground: true,
      displayHeaderFooter: true,
      headerTemplate: '<span></span>',
      footerTemplate: footer,
      generateTaggedPDF: true,
    });
  } finally {
    window.destroy();
  }
}

module.exports = { printPage };
