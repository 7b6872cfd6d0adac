/**
 * The paper's mathematics benchmarks, in the layouts in which they are published (the original
 * repositories, the common re-publications as JSONL and parquet, the reference implementation's
 * dataprocess/test_dataset). New tokens as in the paper: 8192 for AIME and AMC, 4096 for the others.
 */
import { extractAnswer } from '../answers/extract-answer.ts';
import { paperPrompt } from './prompts.ts';
import type { Row } from './row-fields.ts';
import { fieldOf, itemId, missingField, requiredText, textOf, userTurn } from './row-fields.ts';
import type { BenchmarkTask, TaskItem } from './task.ts';

const questionFields = [
  'question_concat',
  'problem',
  'question',
  'original_text',
  'sQuestion',
  'instruction',
  'prompt',
  'input',
];
const answerFields = [
  'answer',
  'ans',
  'lSolutions',
  'final_answer',
  'result',
  'target',
  'label',
  'correct',
];

const shared = { systemPrompt: paperPrompt, thinking: true, maxNewTokens: 4096 } as const;

export const mathTasks: readonly BenchmarkTask[] = [
  { ...shared, name: 'gsm8k', title: 'GSM8K', kind: 'number', publishedRows: 1319, readItem },
  { ...shared, name: 'math500', title: 'MATH-500', kind: 'math', publishedRows: 500, readItem },
  {
    ...shared,
    name: 'aime2025',
    title: 'AIME 2025',
    kind: 'math',
    maxNewTokens: 8192,
    publishedRows: 30,
    readItem,
  },
  {
    ...shared,
    name: 'amc23',
    title: 'AMC 23',
    kind: 'math',
    maxNewTokens: 8192,
    publishedRows: 40,
    readItem,
  },
  { ...shared, name: 'mawps', title: 'MAWPS', kind: 'number', readItem },
  { ...shared, name: 'svamp', title: 'SVAMP', kind: 'number', publishedRows: 1000, readItem },
];

function readItem(row: Row, place: string, index: number): TaskItem {
  return {
    id: itemId(row, index),
    question: questionOf(row, place),
    expected: expectedOf(row, place),
  };
}

function questionOf(row: Row, place: string): string {
  const body = textOf(fieldOf(row, ['Body']));
  const whole = textOf(fieldOf(row, ['question_concat']));
  const prompted = typeof row['prompt'] === 'object' ? userTurn(row['prompt']) : undefined;
  if (prompted !== undefined) return prompted;
  const question = numbersFilled(row, requiredText(row, questionFields, place));
  if (whole !== undefined || body === undefined) return withInput(row, question);
  // SVAMP keeps the story and its question apart; the story ends in a full stop only sometimes.
  return `${/[.!?,]$/.test(body) ? body : `${body}.`} ${question}`;
}

/** The `input` of instruction data, a continuation of the question where it is not empty. */
function withInput(row: Row, question: string): string {
  const input = textOf(fieldOf(row, ['input']));
  const isOwn = input === undefined || input === '' || input === question;
  return isOwn || fieldOf(row, ['instruction']) === undefined ? question : `${question}\n${input}`;
}

/** MAWPS with its numbers taken out: "N_00" stands for the first entry of `Numbers`. */
function numbersFilled(row: Row, question: string): string {
  const listed = fieldOf(row, ['Numbers']);
  const numbers = typeof listed === 'string' ? listed.trim().split(/\s+/) : listed;
  if (!Array.isArray(numbers)) return question;
  return question.replace(/\bN_(\d{2})\b/g, (placeholder, position: string) => {
    const number = textOf(numbers[Number(position)]);
    return number === undefined ? placeholder : number.replace(/\.0+$/, '');
  });
}

/** GSM8K's comes after `####`, that of MATH without its own field in the solution's \boxed{}. */
function expectedOf(row: Row, place: string): string {
  const rewarded = row['reward_model'];
  const truth =
    typeof rewarded === 'object' && rewarded !== null
      ? (rewarded as Row)['ground_truth']
      : undefined;
  const answer = textOf(truth) ?? textOf(fieldOf(row, answerFields));
  if (answer !== undefined) {
    const isSolution = /####|\\boxed/.test(answer);
    return (isSolution ? extractAnswer(answer, 'math') : null) ?? answer;
  }
  const solution = textOf(fieldOf(row, ['solution', 'output']));
  const solved = solution === undefined ? null : extractAnswer(solution, 'math');
  if (solved !== null) return solved;
  throw missingField(row, [...answerFields, 'solution'], place);
}
