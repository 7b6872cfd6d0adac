/**
 * A benchmark of the user's own as a YAML file:
 *
 *   name: my-arithmetic
 *   answer: { kind: number }            # number | math | choice | exact | regex (with pattern)
 *   fields: { question: prompt, answer: completion }   # columns of the data; id, choices optional
 *   prompt: "{{question}} Think first." # {{...}}: any column; default the question alone
 *   system: paper                       # or paper-unboxed, none, or a text of its own
 *   maxNewTokens: 256
 *   data: rows.jsonl                    # beside the YAML; --data wins
 *
 * For kind `regex` the pattern's first group is the answer, in responses and in the data.
 */
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { StudioError } from '../../../contract/errors.ts';
import { unreadableFile } from '../../checkpoint/read-json-file.ts';
import { choiceLetter, extractAnswer } from '../answers/extract-answer.ts';
import { matchPattern } from '../answers/match-pattern.ts';
import { choicesInQuestion, listedChoices } from './aqua.ts';
import { paperPrompt, paperPromptUnboxed } from './prompts.ts';
import type { Row } from './row-fields.ts';
import { fieldOf, itemId, requiredText, textOf } from './row-fields.ts';
import type { BenchmarkTask, TaskItem } from './task.ts';

const column = z.string().min(1).max(100);

export const customTaskSchema = z.strictObject({
  name: z
    .string()
    .max(60)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/),
  title: z.string().min(1).max(200).optional(),
  answer: z.strictObject({
    kind: z.enum(['number', 'math', 'choice', 'exact', 'regex']),
    pattern: z.string().min(1).max(1000).optional(),
  }),
  fields: z
    .strictObject({
      question: column.default('question'),
      answer: column.default('answer'),
      id: column.optional(),
      choices: column.optional(),
    })
    .prefault({}),
  prompt: z.string().min(1).max(20_000).default('{{question}}'),
  system: z.string().max(20_000).default('paper'),
  thinking: z.boolean().default(true),
  maxNewTokens: z.int().positive().max(131_072).default(4096),
  data: z.string().min(1).optional(),
});

type CustomTask = z.output<typeof customTaskSchema>;

const LARGEST_FILE = 2 ** 20;

/** @throws file-missing, file-unreadable, config-invalid */
export function loadCustomTask(path: string): { task: BenchmarkTask; data: string | null } {
  const custom = readCustomTask(path);
  const { kind, pattern } = custom.answer;
  if ((kind === 'regex') !== (pattern !== undefined)) {
    throw invalid(path, 'answer.pattern belongs to kind regex, and to it alone');
  }
  // A broken pattern is found before any model is loaded.
  if (pattern !== undefined) matchPattern(pattern, '');
  const systems: Record<string, string | null> = {
    paper: paperPrompt,
    'paper-unboxed': paperPromptUnboxed,
    none: null,
  };
  const task: BenchmarkTask = {
    name: custom.name,
    title: custom.title ?? custom.name,
    kind,
    ...(pattern !== undefined && { pattern }),
    systemPrompt: Object.hasOwn(systems, custom.system) ? systems[custom.system]! : custom.system,
    thinking: custom.thinking,
    maxNewTokens: custom.maxNewTokens,
    readItem: (row, place, index) => readItem(custom, row, place, index),
  };
  const data = custom.data === undefined ? null : resolve(dirname(path), custom.data);
  return { task, data };
}

function readItem(custom: CustomTask, row: Row, place: string, index: number): TaskItem {
  const { fields, answer } = custom;
  const question = requiredText(row, [fields.question], place);
  const written = requiredText(row, [fields.answer], place);
  const id = fields.id === undefined ? itemId(row, index) : textOf(fieldOf(row, [fields.id]));
  const choices =
    listedChoices(fields.choices === undefined ? row : { choices: row[fields.choices] }) ??
    choicesInQuestion(question);
  return {
    id: id ?? index,
    question: filled(custom.prompt, { ...row, question }),
    expected: expectedOf(written, answer, place),
    ...(answer.kind === 'choice' && { choices }),
  };
}

/** The data may hold a whole worked answer, as GSM8K does, or the answer alone. */
function expectedOf(written: string, answer: CustomTask['answer'], place: string): string {
  switch (answer.kind) {
    case 'choice': {
      const letter = choiceLetter(written);
      if (letter !== null) return letter;
      throw new StudioError(
        'data-invalid',
        `${place}: "${written.slice(0, 60)}" is not the letter of a choice.`,
        'Give the answer as A, B, C, ...',
      );
    }
    case 'regex':
      return matchPattern(answer.pattern!, written) ?? written;
    case 'exact':
      return written;
    default:
      return /####|\\boxed|<answer>/.test(written)
        ? (extractAnswer(written, answer.kind) ?? written)
        : written;
  }
}

function filled(template: string, row: Row): string {
  return template.replace(/\{\{\s*([\w.-]{1,100})\s*\}\}/g, (placeholder, name: string) => {
    const value = Object.hasOwn(row, name) ? row[name] : undefined;
    return textOf(value) ?? (Array.isArray(value) ? value.join('\n') : placeholder);
  });
}

function readCustomTask(path: string): CustomTask {
  let document: unknown;
  try {
    if (statSync(path).size > LARGEST_FILE) throw invalid(path, 'it is larger than 1 MiB');
    document = parse(readFileSync(path, 'utf8'), { maxAliasCount: 20 });
  } catch (error) {
    if (error instanceof StudioError) throw error;
    const isFileError = typeof (error as NodeJS.ErrnoException).code === 'string';
    if (isFileError && (error as NodeJS.ErrnoException).syscall) throw unreadableFile(path, error);
    throw invalid(path, (error as Error).message.split('\n')[0]!);
  }
  const checked = customTaskSchema.safeParse(document);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw invalid(path, `${issue!.path.join('.') || 'the document'}: ${issue!.message}`);
}

function invalid(path: string, reason: string): StudioError {
  return new StudioError(
    'config-invalid',
    `The task ${basename(path)} cannot be used: ${reason}.`,
    'A task has name, answer: {kind}, and fields, prompt, system, maxNewTokens, data where needed.',
  );
}
