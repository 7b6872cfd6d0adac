/**
 * The final answer in a model's response. Looked for in this order, in what follows </think> first:
 * the last \boxed{...} (several joined by "and" or commas are one answer), the last <answer> tag, what
 * follows the last `####` (GSM8K), what follows "the answer is", and for numbers the last number.
 * Null where a response ends without an answer. A letter in the middle of the reasoning is never
 * taken for a choice. Linear in the length of the response.
 */
export type AnswerKind = 'number' | 'math' | 'choice' | 'exact';

/** @param finished false: cut off, so that its last number is a step and no answer */
export function extractAnswer(response: string, kind: AnswerKind, finished = true): string | null {
  const end = response.lastIndexOf('</think>');
  const final = end < 0 ? response : response.slice(end + '</think>'.length);
  const look = (text: string) => fromText(text, kind, finished);
  const found = look(final) ?? (end < 0 ? null : look(response.slice(0, end)));
  const answer = found?.trim() ?? '';
  return answer === '' ? null : answer;
}

/** E.g. "C" of "C", "(C)", "\text{(C)}", "C) 12", "C. twelve"; null for what is no letter. */
export function choiceLetter(answer: string): string | null {
  const bare = answer.replace(/\\(?:text|textbf|mathrm|mathbf)\s*\{|[{}$*\s]/g, '');
  const found = /^\(?([A-Ja-j])(?:\)|\.|:|$)/.exec(bare);
  return found ? found[1]!.toUpperCase() : null;
}

function fromText(text: string, kind: AnswerKind, finished: boolean): string | null {
  const boxed = lastBoxes(text);
  if (boxed !== null) return boxed;
  const tagged = lastTagged(text);
  if (tagged !== null) {
    return (kind === 'exact' ? null : inSentence(tagged, kind, finished)) ?? tagged;
  }
  const marked = text.lastIndexOf('####');
  if (marked >= 0) return firstLine(text.slice(marked + 4));
  if (kind === 'exact') return finished ? text : null;
  return inSentence(text, kind, finished) ?? (kind === 'choice' ? loneLetter(text) : null);
}

/** What an English sentence says the answer is; for numbers else the last one. */
function inSentence(text: string, kind: AnswerKind, finished: boolean): string | null {
  const said = lastSaid(text);
  if (kind === 'number') return (said && lastNumber(said)) ?? (finished ? lastNumber(text) : null);
  if (said === null) return null;
  if (kind === 'math') return said;
  const letter = /^\(?([A-J])\)?(?![a-zA-Z'])|^\(([a-j])\)/.exec(said);
  return letter ? (letter[1] ?? letter[2])! : null;
}

function lastSaid(text: string): string | null {
  const matches = [...text.matchAll(/\banswer(?:\s+is|\s*[:=])[ \t]*:?[ \t]*/gi)];
  const last = matches.at(-1);
  if (!last) return null;
  const line = firstLine(text.slice(last.index + last[0].length));
  const sentence = /^.*?(?=\.(?:\s|$)|$)/.exec(line)![0].trim();
  return sentence === '' ? null : sentence;
}

function lastNumber(text: string): string | null {
  const numbers = text.match(/-?(?:\d[\d,]*(?:\.\d+)?|\.\d+)/g);
  return numbers?.at(-1)?.replace(/,+$/, '') ?? null;
}

/** The last line, where it is nothing but a letter. */
function loneLetter(text: string): string | null {
  const line = text.trim().split('\n').at(-1)!.trim();
  return /^\(?[A-J]\)?\.?$/.test(line) ? line.replace(/[().]/g, '') : null;
}

function firstLine(text: string): string {
  return text.trimStart().split('\n', 1)[0]!.trim();
}

function lastTagged(text: string): string | null {
  const close = text.lastIndexOf('</answer>');
  const open = text.lastIndexOf('<answer>', close < 0 ? Infinity : close);
  if (open < 0) return null;
  return text.slice(open + '<answer>'.length, close < open ? undefined : close).trim() || null;
}

interface Box {
  start: number;
  end: number;
  content: string;
}

function lastBoxes(text: string): string | null {
  const found = boxes(text);
  const last = found.at(-1);
  if (!last) return null;
  const joined = [last.content];
  for (let index = found.length - 2; index >= 0; index--) {
    const between = text.slice(found[index]!.end, found[index + 1]!.start);
    if (!/^\s*\$?\s*(?:,|and|or|,\s*and|,\s*or)\s*\$?\s*$/.test(between.slice(0, 40))) break;
    joined.unshift(found[index]!.content);
  }
  return joined.join(', ');
}

/** All \boxed{...} and \fbox{...} that close, outermost only; "\boxed 5" as well. */
function boxes(text: string): Box[] {
  const list: Box[] = [];
  const pattern = /\\(?:boxed|fbox)\s*(\{)?/g;
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    const start = found.index;
    const from = pattern.lastIndex;
    if (found[1] === undefined) {
      const word = /^[^\s$\\]{1,40}/.exec(text.slice(from, from + 41))?.[0];
      if (word) list.push({ start, end: from + word.length, content: word });
      continue;
    }
    const end = closingBrace(text, from);
    // Cut off in the middle: nothing after this can close either.
    if (end < 0) break;
    list.push({ start, end: end + 1, content: text.slice(from, end) });
    pattern.lastIndex = end + 1;
  }
  return list;
}

function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return at;
  }
  return -1;
}
