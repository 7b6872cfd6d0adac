/**
 * JSON with strings exactly as they are in the run. What could steer a terminal or end a script element,
 * and JSON leaves as it is, is written as \u escapes; typed arrays are written as lists.
 */
export function jsonText(value: unknown): string {
  const escaped = (character: string): string =>
    `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const plain = (_key: string, part: unknown): unknown =>
    part instanceof Float64Array ? [...part] : part;
  return `${JSON.stringify(value, plain, 2).replace(
    /[<>\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    escaped,
  )}\n`;
}
