/**
 * The frame of every report in HTML: one file that needs nothing else. Its own content security policy
 * forbids scripts and requests; the style is inside.
 */
import { styleSheet } from './html-style.ts';
import { markup, markupText, trusted, type Markup } from './markup.ts';

const policy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

export function htmlPage(title: string, content: Markup): string {
  const page = markup`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta http-equiv="Content-Security-Policy" content="${trusted(policy)}" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="referrer" content="no-referrer" />
      <title>${title}</title>
      <style>
        ${trusted(styleSheet)}
      </style>
    </head>
    <body>
      <main>
        ${content}
      </main>
    </body>
  </html>`;
  return `<!doctype html>\n${markupText(page)}\n`;
}
