/**
 * An answer as a person or a model wrote it, in one spelling: Unicode signs become LaTeX commands,
 * everything that only sets type (\left, \!, \displaystyle, $...$) is dropped, a full stop at the end
 * too. Nothing that has a meaning is changed.
 */

/** Longer texts are no answers; they are compared letter by letter only. */
export const LONGEST_ANSWER = 2000;

const characters: Record<string, string> = {
  '−': '-',
  '–': '-',
  '—': '-',
  '×': '\\times ',
  '·': '\\cdot ',
  '⋅': '\\cdot ',
  '∗': '*',
  '÷': '/',
  '∕': '/',
  '⁄': '/',
  '√': '\\sqrt ',
  π: '\\pi ',
  θ: '\\theta ',
  α: '\\alpha ',
  β: '\\beta ',
  λ: '\\lambda ',
  '°': '^\\circ ',
  '∞': '\\infty ',
  '≤': '\\le ',
  '⩽': '\\le ',
  '≥': '\\ge ',
  '⩾': '\\ge ',
  '≠': '\\ne ',
  '≈': '=',
  '∪': '\\cup ',
  '∅': '\\emptyset ',
  '∈': '\\in ',
  '±': '\\pm ',
  '∓': '\\mp ',
  ℝ: '\\mathbb{R}',
  '½': ' 1/2',
  '⅓': ' 1/3',
  '⅔': ' 2/3',
  '¼': ' 1/4',
  '¾': ' 3/4',
  '⅕': ' 1/5',
  '⅛': ' 1/8',
  '⁰': '^0',
  '¹': '^1',
  '²': '^2',
  '³': '^3',
  '⁴': '^4',
  '⁵': '^5',
  '，': ',',
  '（': '(',
  '）': ')',
  '％': '%',
  '“': '"',
  '”': '"',
  '’': "'",
};
const characterPattern = new RegExp(`[${Object.keys(characters).join('')}]`, 'gu');

const layout =
  /\\(?:left|right|bigl|bigr|Bigl|Bigr|biggl|biggr|big|Big|bigg|Bigg|displaystyle|textstyle|limits|mathstrut|strut|hfill|boldsymbol|bm|mathbf|mathit|mathrm(?=\s*\\)|mathsf|mathcal|vphantom\{[^{}]*\}|hspace\{[^{}]*\})(?![a-zA-Z])/g;
const spaces = /(?<!\\)\\(?:[,;:! ]|quad(?![a-zA-Z])|qquad(?![a-zA-Z])|thinspace(?![a-zA-Z]))|~/g;

export function cleanAnswer(answer: string): string {
  let text = answer.slice(0, LONGEST_ANSWER + 1).trim();
  text = text.replace(characterPattern, (character) => characters[character]!);
  // Thousands in LaTeX: 1{,}000, 1\,000, 1,\!000.
  text = text.replace(/(\d)(?:\{,\}|,?\\[,!]|,\\!)\s*(?=\d{3}(?!\d))/g, '$1');
  text = text
    .replace(/\\{2,}(?=[a-zA-Z]{2,}\{)/g, '\\')
    .replace(/\\[dtc]frac(?![a-zA-Z])/g, '\\frac')
    .replace(/\\[dt]binom(?![a-zA-Z])/g, '\\binom')
    .replace(/\\operatorname\*?\{([a-zA-Z]+)\}/g, ' \\$1 ')
    .replace(layout, '')
    .replace(spaces, ' ')
    .replace(/\\[gl]eqslant(?![a-zA-Z])/g, (found) => (found[1] === 'g' ? '\\ge' : '\\le'))
    .replace(/\\neq?(?![a-zA-Z])/g, '\\ne ')
    .replace(/\\(?:approx|equiv|simeq)(?![a-zA-Z])/g, '=')
    .replace(/\\(?:lbrace|rbrace)(?![a-zA-Z])/g, (found) => (found[1] === 'l' ? '\\{' : '\\}'))
    .replace(/\\(?:lvert|rvert|vert|mid)(?![a-zA-Z])/g, '|')
    .replace(/\\(?:dots[a-z]?|ldots|cdots)(?![a-zA-Z])/g, '\\dots ');
  return withoutFrame(text);
}

/** Without dollar signs around it, \( \), \[ \], a \boxed{...}, or a full stop after it. */
function withoutFrame(text: string): string {
  for (let before = ''; before !== text;) {
    before = text;
    text = text.replace(/\s+/g, ' ').trim();
    text = text.replace(/^\*\*(.*)\*\*$/s, '$1').replace(/(?<=[^.])[.;,]$/, '');
    if (/^\$\$[^$]*\$\$$/.test(text)) text = text.slice(2, -2);
    else if (/^\$[^$]+\$$/.test(text)) text = text.slice(1, -1);
    else if (/^\\\([^]*\\\)$/.test(text)) text = text.slice(2, -2);
    else if (/^\\\[[^]*\\\]$/.test(text)) text = text.slice(2, -2);
    else if (text.startsWith('\\boxed{') && closesLast(text, 6)) text = text.slice(7, -1);
    else if (text.startsWith('{') && closesLast(text, 0)) text = text.slice(1, -1);
  }
  return text;
}

/** Whether the brace that opens at `start` closes with the last character. */
function closesLast(text: string, start: number): boolean {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at === text.length - 1;
  }
  return false;
}
