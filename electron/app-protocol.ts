/**
 * `app://studio/...` serves the built renderer instead of file://: standard, secure, and unable to
 * reach anything outside its folder. Every answer carries a strict content security policy; the
 * page gets a fresh nonce for the style elements that the component library makes.
 */
import { protocol, session } from 'electron';
import { randomBytes } from 'node:crypto';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import { rendererFolder } from './paths.ts';

export const appOrigin = 'app://studio';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

interface Asset {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

export function registerAppScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true };
  protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges }]);
}

export function serveApp(): void {
  const target = session.defaultSession.protocol;
  if ('handle' in target) {
    target.handle('app', (request) => {
      const { status, headers, body } = readAsset(request.url);
      return new Response(new Uint8Array(body), { status, headers });
    });
    return;
  }
  // Electron before 25, i.e. the fallback runtime.
  const older = target as unknown as {
    registerBufferProtocol(
      scheme: string,
      handler: (request: { url: string }, answer: (asset: unknown) => void) => void,
    ): void;
  };
  older.registerBufferProtocol('app', (request, answer) => {
    const { status, headers, body } = readAsset(request.url);
    answer({ statusCode: status, headers, data: body, mimeType: headers['content-type'] });
  });
}

function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** The file that a URL names, or 404 for whatever is not a file inside the renderer's folder. */
export function readAsset(url: string): Asset {
  const nonce = randomBytes(16).toString('base64');
  const headers = { 'content-security-policy': policy(nonce), 'x-content-type-options': 'nosniff' };
  const missing = { status: 404, headers, body: Buffer.from('Not found') };
  const path = findFile(url);
  const type = path === null ? undefined : types[extname(path)];
  if (path === null || type === undefined) return missing;
  let body: Buffer = readFileSync(path);
  if (type.startsWith('text/html')) {
    body = Buffer.from(body.toString('utf8').replace('%STYLE_NONCE%', nonce));
  }
  return { status: 200, headers: { ...headers, 'content-type': type }, body };
}

function findFile(url: string): string | null {
  try {
    const { origin, host, pathname } = new URL(url);
    if (origin !== appOrigin && host !== 'studio') return null;
    const relative = decodeURIComponent(pathname);
    if (relative.includes('\0') || relative.includes('\\')) return null;
    const root = realpathSync(rendererFolder);
    const path = realpathSync(join(root, relative === '/' ? 'index.html' : relative));
    return path.startsWith(root + sep) && statSync(path).isFile() ? path : null;
  } catch {
    return null;
  }
}
