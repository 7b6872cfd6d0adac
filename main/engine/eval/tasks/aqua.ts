/**
 * AQuA-RAT: choices of A to E. Published with the options as a list ("A)21"), by AGIEval as "(A)21",
 * by the reference implementation inside the question ("Answer Choices: (A) 21 (B) 31"). Asked in the
 * last of these forms, which is the one the reference's evaluator sees.
 */
import { StudioError } from '../../../contract/errors.ts';
import { choiceLetter } from '../answers/extract-answer.ts';
import { paperPrompt } from './prompts.ts';
import type { Row } from './row-fields.ts';
import { fieldOf, itemId, requiredText } from './row-fields.ts';
import type { BenchmarkTask, TaskItem } from './task.ts';

export const aqua: BenchmarkTask = {
  name: 'aqua',
  title: 'AQuA-RAT',
  kind: 'choice',
  systemPrompt: paperPrompt,
  thinking: true,
  maxNewTokens: 4096,
  publishedRows: 254,
  readItem,
};

const letters = 'ABCDEFGHIJ';

function readItem(row: Row, place: string, index: number): TaskItem {
  const question = requiredText(row, ['question', 'sQuestion', 'instruction', 'problem'], place);
  const written = requiredText(row, ['correct', 'lSolutions', 'label', 'answer'], place);
  const choices = listedChoices(row) ?? choicesInQuestion(question);
  const expected = choiceLetter(written);
  if (expected === null || letters.indexOf(expected) >= Math.max(choices.length, 1)) {
    throw new StudioError(
      'data-invalid',
      `${place}: "${written.slice(0, 60)}" is none of its ${choices.length} choices.`,
      'The answer of a multiple-choice item is a letter, and its choices are listed.',
    );
  }
  const listed = choices.map((choice, at) => `(${letters[at]}) ${choice}`).join(' ');
  const asked = /\(A\)/.test(question) ? question : `${question} Answer Choices: ${listed}`;
  return { id: itemId(row, index), question: asked, expected, choices };
}

/** ["A)21", "B)21.5"] or ["21", "21.5"], in any of their spellings; null for none. */
export function listedChoices(row: Row): string[] | null {
  const options = fieldOf(row, ['options', 'choices']);
  const list =
    typeof options === 'object' && options !== null && 'text' in options ? options.text : options;
  if (!Array.isArray(list) || list.length === 0 || list.length > letters.length) return null;
  return list.map((option) =>
    String(option)
      .replace(/^\s*\(?[A-J]\s*[).:]\s*/, '')
      .trim(),
  );
}

/** What stands behind (A), (B), ... in a question. */
export function choicesInQuestion(question: string): string[] {
  const choices: string[] = [];
  let from = question.indexOf('(A)');
  while (from >= 0) {
    const next = question.indexOf(`(${letters[choices.length + 1]})`, from);
    choices.push(question.slice(from + 3, next < 0 ? undefined : next).trim());
    from = choices.length < letters.length - 1 ? next : -1;
  }
  return choices;
}
