/**
 * The one opening of the page: text out, text back, and the page waits meanwhile, so it cannot flood
 * anybody. It lives in a world of its own that the page's scripts cannot change.
 */
const { contextBridge, ipcRenderer } = require('electron');

const kinds = ['limits', 'program', 'send', 'receive', 'said', 'ended', 'snapshot'];
const longest = 64 * 2 ** 20;

contextBridge.exposeInMainWorld('code', {
  exchange(kind, text) {
    if (!kinds.includes(kind) || typeof text !== 'string')
      throw new TypeError('Not of this world.');
    if (text.length > longest) return ipcRenderer.sendSync('exchange', 'too-long', '');
    return ipcRenderer.sendSync('exchange', kind, text);
  },
});
