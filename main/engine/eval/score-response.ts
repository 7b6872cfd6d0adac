/**
 * A response against its item: the answer that was found in it and whether it is the expected one.
 * Code is not judged here, since that takes a sandbox (sandbox/run-code-task.ts).
 */
import type { EvaluationVerdict } from '../../contract/evaluation.ts';
import { choiceLetter, extractAnswer } from './answers/extract-answer.ts';
import { matchPattern } from './answers/match-pattern.ts';
import { sameAnswer } from './answers/same-answer.ts';
import type { BenchmarkTask, TaskItem } from './tasks/task.ts';

export interface ScoredResponse {
  /** Null: the response holds none. */
  answer: string | null;
  verdict: EvaluationVerdict;
}

/** @param finished false for a response that was cut off */
export function scoreResponse(
  { kind, pattern }: Pick<BenchmarkTask, 'kind' | 'pattern'>,
  item: TaskItem,
  response: string,
  finished = true,
): ScoredResponse {
  if (kind === 'code') throw new Error('Code is judged in a sandbox.');
  const answer =
    kind === 'regex' ? matchPattern(pattern!, response) : extractAnswer(response, kind, finished);
  if (answer === null) return { answer, verdict: 'no-answer' };
  const correct =
    kind === 'choice'
      ? isChoice(answer, item)
      : kind === 'number' || kind === 'math'
        ? sameAnswer(answer, item.expected)
        : answer.trim() === item.expected.trim();
  return { answer, verdict: correct ? 'correct' : 'wrong' };
}

/** A value instead of a letter counts as the first choice that has it. */
function isChoice(answer: string, { expected, choices = [] }: TaskItem): boolean {
  const letter = choiceLetter(answer);
  if (letter !== null) return letter === expected;
  const at = choices.findIndex((choice) => sameAnswer(answer, choice));
  return at >= 0 && 'ABCDEFGHIJ'[at] === expected;
}
