/**
 * A user's regular expression on a model's response: the last match's first group, or the whole match
 * where it has no group; null for none. Ends within two seconds whatever pattern and text are: V8
 * interrupts a running match when a script's time is up, and then there is no answer.
 */
import { createContext, runInContext } from 'node:vm';
import { StudioError } from '../../../contract/errors.ts';

const LONGEST_MS = 2000;
const context = createContext(Object.create(null) as object);

/** @throws config-invalid for what is no regular expression */
export function matchPattern(pattern: string, text: string): string | null {
  try {
    new RegExp(pattern, 'gs');
  } catch (error) {
    throw new StudioError(
      'config-invalid',
      `answer.pattern is no regular expression: ${(error as Error).message}.`,
      'It is written as in JavaScript, e.g. "Result: (\\\\d+)".',
    );
  }
  // Both go in as literals of the script; only a string comes out.
  const script = `(() => {
    let last = null;
    for (const found of ${JSON.stringify(text)}.matchAll(new RegExp(${JSON.stringify(pattern)}, 'gs')))
      last = found[1] ?? found[0];
    return last;
  })()`;
  try {
    const found = runInContext(script, context, { timeout: LONGEST_MS }) as string | null;
    return found === null || found.trim() === '' ? null : found.trim();
  } catch {
    return null;
  }
}
