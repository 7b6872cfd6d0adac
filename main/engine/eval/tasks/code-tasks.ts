/**
 * HumanEval (the function's head and docstring, to be completed) and MBPP (a sentence and three
 * assertions; also its sanitised edition). A chat model answers with a whole function in a fenced
 * block as a rule; candidate-code.ts makes one program of either form.
 */
import type { Row } from './row-fields.ts';
import { fieldOf, itemId, missingField, requiredText, textOf } from './row-fields.ts';
import type { BenchmarkTask, TaskItem } from './task.ts';

const shared = { kind: 'code', systemPrompt: null, thinking: true, maxNewTokens: 4096 } as const;

export const codeTasks: readonly BenchmarkTask[] = [
  { ...shared, name: 'humaneval', title: 'HumanEval', publishedRows: 164, readItem: readHumanEval },
  { ...shared, name: 'mbpp', title: 'MBPP', readItem: readMbpp },
];

function readHumanEval(row: Row, place: string, index: number): TaskItem {
  const prompt = rawText(row, 'prompt', place);
  const test = rawText(row, 'test', place);
  const entryPoint = requiredText(row, ['entry_point'], place);
  return {
    id: itemId(row, index),
    question: `Complete the following Python function. Answer with the whole function in one \`\`\`python block.\n\n\`\`\`python\n${prompt.trimEnd()}\n\`\`\``,
    expected: String(fieldOf(row, ['canonical_solution']) ?? ''),
    code: { kind: 'humaneval', setup: prompt, test, entryPoint, prefix: prompt },
  };
}

function readMbpp(row: Row, place: string, index: number): TaskItem {
  const text = requiredText(row, ['text', 'prompt'], place);
  const tests = fieldOf(row, ['test_list']);
  if (!Array.isArray(tests) || tests.length === 0) throw missingField(row, ['test_list'], place);
  const imports = fieldOf(row, ['test_imports']);
  const setup = Array.isArray(imports)
    ? imports.map(String).join('\n')
    : (textOf(fieldOf(row, ['test_setup_code'])) ?? '');
  const test = tests.map(String).join('\n');
  return {
    id: itemId(row, index),
    question: `${text} Answer with the whole function in one \`\`\`python block. It has to pass these tests:\n\n\`\`\`python\n${test}\n\`\`\``,
    expected: String(fieldOf(row, ['code']) ?? ''),
    code: { kind: 'mbpp', setup, test, prefix: '' },
  };
}

/** Untrimmed: in Python the white space counts. */
function rawText(row: Row, name: string, place: string): string {
  const value = fieldOf(row, [name]);
  if (typeof value === 'string') return value;
  throw missingField(row, [name], place);
}
