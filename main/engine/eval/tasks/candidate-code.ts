/**
 * The program in a model's response: its last fenced block after </think>, else the response itself.
 * A program that does not define the function asked for is taken as its body and put after the
 * prompt, as HumanEval was made for models that only complete text.
 */
import type { TaskItem } from './task.ts';

export function candidateCode(response: string, code: NonNullable<TaskItem['code']>): string {
  const end = response.lastIndexOf('</think>');
  const final = end < 0 ? response : response.slice(end + '</think>'.length);
  const program = lastBlock(final) ?? final;
  if (code.prefix === '' || !defines(program, code.entryPoint)) return code.prefix + program;
  // Answers do not always repeat the prompt's imports and helpers. The function that the prompt
  // leaves without a body is valid Python (its docstring), and the answer's replaces it.
  return `${code.prefix.trimEnd()}\n\n${program}`;
}

function lastBlock(text: string): string | null {
  const fences = [...text.matchAll(/^[ \t]*```[^\n`]*$/gm)];
  if (fences.length === 0) return null;
  const opening = fences.length % 2 === 0 ? fences.at(-2)! : fences.at(-1)!;
  const closing = fences.length % 2 === 0 ? fences.at(-1)! : undefined;
  return text.slice(opening.index + opening[0].length + 1, closing?.index);
}

function defines(program: string, entryPoint: string | undefined): boolean {
  const names = [...program.matchAll(/^(?:async )?def[ \t]+(\w+)/gm)].map((match) => match[1]);
  return entryPoint === undefined ? names.length > 0 : names.includes(entryPoint);
}
