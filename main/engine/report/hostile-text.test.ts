/** Whatever stands in names, ids, prompts, answers and warnings, a report shows it and obeys none of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { RunReport } from '../../contract/report.ts';
import { hostileStrings } from '../../fixtures/report/hostile-strings.ts';
import { makeRunFolder } from '../../fixtures/report/run-folder.ts';
import { collectReport } from './collect.ts';
import { csvCell } from './csv-report.ts';
import { escapeHtml, markup, markupText } from './markup.ts';
import { plainText } from './plain-text.ts';
import { renderReport } from './run-report.ts';

const root = mkdtempSync(join(tmpdir(), 'hostile-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let reportNumber = 0;
function reportWith(text: string): Promise<RunReport> {
  const config = { model: text || 'm', weak: text || 'w', data: { file: text || 'd' } };
  const size = { rows: 12, items: 10, steps: 4 };
  return collectReport(makeRunFolder(root, `run-${++reportNumber}`, { config, text, ...size }));
}

let harmlessTags: string[];
beforeAll(async () => {
  harmlessTags = tagsOf(renderReport(await reportWith('word'), 'html'));
});
const tagsOf = (page: string): string[] => page.match(/<[^>]*>/g) ?? [];
const steering =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

describe.each(hostileStrings.map((text) => [JSON.stringify(text).slice(0, 60), text] as const))(
  '%s',
  (_name, text) => {
    let report: RunReport;
    beforeAll(async () => {
      report = await reportWith(text);
    });

    test('HTML: the elements are those of a harmless report', () => {
      const page = renderReport(report, 'html');
      expect(tagsOf(page)).toEqual(harmlessTags);
      expect(page).not.toMatch(steering);
      expect(page).toContain(escapeHtml(report.evaluation!.samples[0]!.prompt));
      expect(page).toContain(`<h1>${escapeHtml(report.run.name)}</h1>`);
    });

    test('Markdown: nothing outside code is syntax, and the front matter is ours', () => {
      const card = renderReport(report, 'md');
      expect(card).not.toMatch(steering);
      const front = /^---\n([\s\S]*?)\n---\n/.exec(card)!;
      expect(Object.keys(parse(front[1]!))).toEqual([
        'library_name',
        'pipeline_tag',
        'tags',
        'model-index',
      ]);
      const prose = card
        .slice(front[0].length)
        .replace(/^(`{3,})\w*\n[\s\S]*?\n\1$/gm, '')
        .replace(/(?<!\\)`[^`\n]*`/g, '');
      expect(
        prose.match(/<|!\[|(?<!\\)\]\(|https?:|www\.|^~~~|^---$|^[-+] (?=[-+=])/gim),
      ).toBeNull();
      expect(prose.match(/^#+ .*/gm)!.filter((line) => line.startsWith('# '))).toHaveLength(1);
    });

    test('CSV: eight cells a line, none a formula', () => {
      const lines = parseCsv(renderReport(report, 'csv'));
      expect(lines.filter((cells) => cells.length !== 8)).toEqual([]);
      const risky = lines
        .flat()
        .filter((cell) => /^\s*[=+\-@\uff1d]/.test(cell) && Number.isNaN(Number(cell)));
      expect(risky).toEqual([]);
    });

    test('JSON: the very strings, without a character that could steer', () => {
      const document = renderReport(report, 'json');
      expect(JSON.parse(document)).toEqual(JSON.parse(JSON.stringify(report)));
      expect(document).not.toMatch(/[<>]/);
      expect(document.replaceAll('\n', '')).not.toMatch(steering);
    });
  },
);

function parseCsv(text: string): string[][] {
  const lines: string[][] = [[]];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    lines.at(-1)!.push((match[1]?.replaceAll('""', '"') ?? match[2])!);
    if (match[3] === '\r\n') lines.push([]);
    if (pattern.lastIndex === text.length) break;
  }
  expect(lines.pop()).toEqual([]);
  return lines;
}

test('there are at least sixty of them', () => {
  expect(new Set(hostileStrings).size).toBeGreaterThanOrEqual(60);
});

test('the page allows itself no scripts and no requests', async () => {
  const page = renderReport(await reportWith('word'), 'html');
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:;`);
  expect(page).not.toMatch(/<script|<link|<img|<iframe|\bon\w+=|url\(|@import|https?:/i);
});

describe('text', () => {
  test('loses what steers and keeps what it says', () => {
    expect(plainText('\u001b[1;31mred\u001b[0m')).toBe('red');
    expect(plainText('a\u001b]8;;https://x\u001b\\b')).toBe('ab');
    expect(plainText('\u009b2Jx\u0007')).toBe('x');
    expect(plainText('abc\u202efed')).toBe('abcfed');
    expect(plainText('1\r\n2\r3\u20284')).toBe('1\n2\n3\n4');
    expect(plainText('\ud800x')).toBe('\ufffdx');
    expect(plainText('नमस्ते 👩‍👩‍👧 עברית ½ \t')).toBe('नमस्ते 👩‍👩‍👧 עברית ½ \t');
  });

  test('is escaped wherever a template takes it; only markup goes in as it is', () => {
    const forged = JSON.parse('{"markup": "<b>"}') as never;
    expect(() => markup`${forged}`).toThrow();
    expect(
      markupText(markup`<a title="${'"x" <y>'}">${['&', markup`<b>${1}</b>`, null]}</a>`),
    ).toBe('<a title="&quot;x&quot; &lt;y&gt;">&amp;<b>1</b></a>');
  });

  test('in a CSV cell is never a formula; a negative number stays a number', () => {
    expect(csvCell('=1+1')).toBe(`"'=1+1"`);
    expect(csvCell('\t@x')).toBe(`"'\t@x"`);
    expect(csvCell('a "b", c')).toBe('"a ""b"", c"');
    expect(csvCell(-1.5)).toBe('-1.5');
    expect(csvCell(Number.NaN)).toBe('');
  });
});
