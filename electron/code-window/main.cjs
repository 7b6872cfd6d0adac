/** Code windows as an Electron app of their own, for `wds`: the last argument is the socket. */
const { serveCodeWindows } = require('./serve.cjs');

serveCodeWindows(process.argv.filter((argument) => !argument.startsWith('-')).at(-1));
