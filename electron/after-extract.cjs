/** Takes out of the copied runtime what only `npm start` needs: see electron/runtime.mjs. */
const { rmSync } = require('node:fs');
const { join } = require('node:path');

exports.default = async ({ appOutDir }) => {
  for (const name of ['complete.json', 'resources/app', 'resources/default_app.asar']) {
    rmSync(join(appOutDir, name), { recursive: true, force: true });
  }
};
