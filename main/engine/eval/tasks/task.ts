/**
 * What a benchmark is: how its published rows are read, what the model is asked, and how its answer
 * is judged. Items are plain data; nothing here knows about models.
 */
import type { AnswerKind } from '../answers/extract-answer.ts';
import type { CodeProgram } from '../sandbox/run-code-task.ts';

export interface TaskItem {
  /** The data set's own, else the row's number from 0. */
  id: string | number;
  /** The user's turn. */
  question: string;
  /** As the data set has it, reduced to the answer; for code the canonical solution, or ''. */
  expected: string;
  /** Of a multiple-choice item, without their letters; A is the first. */
  choices?: string[];
  code?: Omit<CodeProgram, 'candidate'> & {
    /** Stands before the response where that holds the body of the function only. */
    prefix: string;
  };
}

export interface BenchmarkTask {
  /** A short name, e.g. "gsm8k". */
  name: string;
  title: string;
  kind: AnswerKind | 'regex' | 'code';
  /** For kind `regex`: its first group is the answer, the whole match where it has none. */
  pattern?: string;
  systemPrompt: string | null;
  /** Qwen3's switch; other templates ignore it. */
  thinking: boolean;
  maxNewTokens: number;
  /** Rows of the published set; another number is worth a warning. */
  publishedRows?: number;
  /** @throws StudioError data-invalid, naming the place */
  readItem(row: Record<string, unknown>, place: string, index: number): TaskItem;
}
