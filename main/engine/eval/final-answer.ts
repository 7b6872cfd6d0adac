/**
 * The final answer in a text: what stands in the last \boxed{}, else after the last `####` (GSM8K),
 * else in <answer> tags, else the last number, else the whole text. Two answers are equal if they are
 * the same text or the same number.
 */
export function finalAnswer(text: string): string {
  const boxed = lastBoxed(text);
  if (boxed !== null) return boxed.trim();
  const tagged = /<answer>([\s\S]*?)<\/answer>/.exec(text)?.[1];
  const marked = text.lastIndexOf('####');
  if (marked >= 0)
    return text
      .slice(marked + 4)
      .split('\n')[0]!
      .trim();
  if (tagged !== undefined) return tagged.trim();
  const numbers = text.match(/-?\d[\d,]*(?:\.\d+)?/g);
  return (numbers?.at(-1) ?? text).trim();
}

/** The content of the last \boxed{...}, braces balanced; null where there is none. */
function lastBoxed(text: string): string | null {
  const start = text.lastIndexOf('\\boxed{');
  if (start < 0) return null;
  let depth = 0;
  for (let at = start + 6; at < text.length; at++) {
    if (text[at] === '{') depth++;
    if (text[at] === '}' && --depth === 0) return text.slice(start + 7, at);
  }
  return null;
}

export function sameAnswer(left: string, right: string): boolean {
  const [a, b] = [left, right].map((text) => text.replace(/[,$\s]|\.$/g, ''));
  if (a === b) return true;
  if (a === '' || b === '') return false;
  return Math.abs(Number(a) - Number(b)) <= 1e-9 * Math.max(1, Math.abs(Number(b)));
}
