/**
 * Starts the app whose folder is given on the command line, as Electron's own default app does. The
 * fallback runtime comes without one; electron/runtime.mjs puts this into its `resources/app`.
 */
const { app } = require('electron');
const { resolve } = require('node:path');

const given = process.argv.slice(1).find((argument) => !argument.startsWith('-'));
if (given === undefined) throw new Error('Give the folder of the app.');
const folder = resolve(given);
const description = require(resolve(folder, 'package.json'));
app.setName(description.name);
app.setVersion(description.version);
app.setAppPath(folder);
require(resolve(folder, description.main));
