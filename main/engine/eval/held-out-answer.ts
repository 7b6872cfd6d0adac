/**
 * The answer in a held-out row's completion and in what a model says to its prompt, by the same rule,
 * with the reader of the benchmarks (answers/extract-answer.ts). A row says nothing of its kind, so:
 * what is marked as the answer (\boxed, <answer>, ####, "the answer is"), else the last number, else the
 * whole text. A response that was cut off answers only by what it had marked.
 */
import { extractAnswer } from './answers/extract-answer.ts';

/** Raised when the rule changes: an evaluation that was begun with another one starts again. */
export const answerReader = 2;

/** @param finished false for a response that was cut off @returns '' where there is no answer */
export function heldOutAnswer(text: string, finished: boolean): string {
  const marked = extractAnswer(text, 'math', finished);
  if (marked !== null) return marked;
  return extractAnswer(text, 'number', finished) ?? (finished ? text.trim() : '');
}
