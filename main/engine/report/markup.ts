/**
 * HTML and SVG that cannot be injected into: a template tag that escapes every value put into it. Only
 * what the tag itself made goes in unescaped; it is marked by a symbol, which no JSON can hold.
 * Values stand in text or in double-quoted attributes, never in tag names, styles or scripts.
 */
import { plainText } from './plain-text.ts';

const isMarkup = Symbol('markup');

export interface Markup {
  readonly [isMarkup]: string;
}
export type Insertable = Markup | string | number | null | readonly Insertable[];

/** null inserts nothing; lists insert their members one after another. */
export function markup(parts: TemplateStringsArray, ...values: readonly Insertable[]): Markup {
  const text = parts.reduce((whole, part, index) => whole + asHtml(values[index - 1]!) + part);
  return { [isMarkup]: text };
}

/** The finished text. */
export function markupText(finished: Markup): string {
  return finished[isMarkup];
}

/** Parts that are written by hand and hold no values, e.g. a style sheet. */
export function trusted(text: string): Markup {
  return { [isMarkup]: text };
}

function asHtml(value: Insertable): string {
  if (value === null) return '';
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  if (isMarkup in value) return value[isMarkup];
  return value.map(asHtml).join('');
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

export function escapeHtml(text: string): string {
  return plainText(text).replace(/[&<>"'`]/g, (character) => entities[character]!);
}
