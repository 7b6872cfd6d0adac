/**
 * A data file as examples, streamed row by row, with a report of everything that happened on the way:
 * what was cut, left out, said twice. Nothing is dropped in silence: a row that cannot be read stops
 * the run unless data.skipInvalid allows leaving it out, and then it is counted and named.
 */
import { createHash } from 'node:crypto';
import type { DataConfig } from '../../contract/config.ts';
import { StudioError } from '../../contract/errors.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { TrainingOptions } from './encode-example.ts';
import { encodeConversation, encodeExample, firstExchange } from './encode-example.ts';
import type { Example } from './example.ts';
import { countAnswerTokens } from './example.ts';
import { lengthHistogram } from './length-histogram.ts';
import type { InvalidRow, SourceRow } from './read-rows.ts';
import { readRows } from './read-rows.ts';
import type { TokenizedRow } from './recognise.ts';
import { recogniseRow } from './recognise.ts';

export interface BuildOptions extends Pick<TrainingOptions, 'maxLength' | 'lossOn'> {
  data: DataConfig;
  tokenizer: Tokenizer;
  /** Rows of the model's embedding: the limit for ready token ids. Absent: the tokenizer's. */
  vocabularySize?: number;
  /**
   * `training`; `conversation` for the entropy pass; `first-exchange` for the reference's entropy
   * pass, which drops the system prompt and later turns.
   */
  form?: 'training' | 'conversation' | 'first-exchange';
  /** Called every few hundred rows; fraction of the file read, where it is known. */
  onProgress?: (progress: { rows: number; fraction?: number }) => void;
}

export interface ExamplesReport {
  /** Rows looked at, left-out ones included. */
  rows: number;
  kept: number;
  /** Rows longer than maxLength: their end was cut off. */
  truncated: number;
  truncatedRows: number[];
  /** Rows without an answer token within maxLength: left out. */
  allMasked: number;
  allMaskedRows: number[];
  /** Rows that could not be read, left out by data.skipInvalid. */
  skipped: number;
  /** The first 100 of them. */
  invalid: InvalidRow[];
  /** Rows whose tokens and mask equal an earlier row's; they are kept. */
  duplicates: number;
  duplicateRows: number[];
  /** Rows whose id another row has too; "#row" was appended to it. */
  repeatedIds: number;
  /** Rows whose prompt is not a token prefix. */
  notPrefix: number;
  /** Over the kept examples. */
  tokens: number;
  answerTokens: number;
  /** Of the kept examples before truncation. */
  lengths: { edges: number[]; counts: number[] };
  /** Plain sentences for a person. */
  warnings: string[];
}

const PROGRESS_ROWS = 256;
const KEPT_INVALID = 100;

/** @throws data-empty when nothing is left; data-invalid; what reading, template and tokenizer throw */
export async function buildExamples(
  options: BuildOptions,
): Promise<{ examples: Example[]; report: ExamplesReport }> {
  const { data } = options;
  const report = emptyReport();
  const examples: Example[] = [];
  const known: Known = { contents: new Set(), ids: new Set() };
  const skip = (invalid: InvalidRow) => {
    report.skipped++;
    if (report.invalid.length < KEPT_INVALID) report.invalid.push(invalid);
  };
  const skipUnread = (invalid: InvalidRow) => {
    report.rows++;
    skip(invalid);
  };
  const onInvalid = data.skipInvalid ? skipUnread : undefined;
  const { format, limit } = data;
  for await (const source of readRows(data.file, { format, limit, onInvalid })) {
    report.rows++;
    if (report.rows % PROGRESS_ROWS === 0) {
      const { fraction } = source;
      options.onProgress?.({ rows: report.rows, ...(fraction === undefined ? {} : { fraction }) });
    }
    const example = encodeSource(source, options, data.skipInvalid ? skip : undefined);
    if (example) keep(example, examples, report, known);
  }
  return finishReport(examples, report, options);
}

interface Known {
  contents: Set<string>;
  ids: Set<string | number>;
}

/** Null for a row that is left out. */
function encodeSource(
  source: SourceRow,
  options: BuildOptions,
  skip: ((invalid: InvalidRow) => void) | undefined,
): Example | null {
  try {
    return encodeRow(source, options);
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    const { place, line } = source;
    const message = error.message.startsWith(place) ? error.message : `${place}: ${error.message}`;
    if (!skip) throw new StudioError(error.code, message, error.hint, { cause: error });
    skip({ line, message });
    return null;
  }
}

function encodeRow(source: SourceRow, options: BuildOptions): Example {
  const { data, tokenizer, maxLength, lossOn, form = 'training' } = options;
  const { systemPrompt } = data;
  const recognised = recogniseRow(source, data.columns);
  if (recognised.kind === 'tokens') return fromTokens(recognised, source, options);
  if (form === 'training') {
    return encodeExample(recognised, tokenizer, { systemPrompt, maxLength, lossOn });
  }
  if (form === 'conversation') {
    return encodeConversation(recognised, tokenizer, { systemPrompt, maxLength });
  }
  return encodeConversation(firstExchange(recognised), tokenizer, {
    systemPrompt: null,
    maxLength,
  });
}

function fromTokens(row: TokenizedRow, source: SourceRow, options: BuildOptions): Example {
  const limit = options.vocabularySize ?? options.tokenizer.vocabularySize;
  const foreign = row.ids.find((id) => id >= limit);
  if (foreign !== undefined) {
    throw new StudioError(
      'data-invalid',
      `${source.place}: token id ${foreign} is not below the vocabulary's size ${limit}.`,
      'Tokenise the data with the tokenizer of this model.',
    );
  }
  const length = Math.min(row.ids.length, options.maxLength);
  const mask = row.completionMask.slice(0, length);
  return {
    id: row.id,
    row: row.row,
    ids: row.ids.slice(0, length),
    completionMask: options.lossOn === 'all' ? mask.fill(1) : mask,
    fullLength: row.ids.length,
    truncated: row.ids.length > options.maxLength,
    promptIsPrefix: true,
  };
}

function keep(example: Example, examples: Example[], report: ExamplesReport, known: Known): void {
  const { row } = example;
  const answerTokens = countAnswerTokens(example);
  if (example.truncated) report.truncatedRows.push(row);
  if (answerTokens === 0) {
    report.allMaskedRows.push(row);
    return;
  }
  const content = createHash('sha256').update(example.ids).update(example.completionMask);
  const digest = content.digest('base64');
  if (known.contents.has(digest)) report.duplicateRows.push(row);
  known.contents.add(digest);
  let { id } = example;
  while (known.ids.has(id)) id = `${id}#${row}`;
  if (id !== example.id) report.repeatedIds++;
  known.ids.add(id);
  if (!example.promptIsPrefix) report.notPrefix++;
  report.tokens += example.ids.length;
  report.answerTokens += answerTokens;
  examples.push({ ...example, id });
}

function finishReport(
  examples: Example[],
  report: ExamplesReport,
  options: BuildOptions,
): { examples: Example[]; report: ExamplesReport } {
  const { file } = options.data;
  report.kept = examples.length;
  report.truncated = report.truncatedRows.length;
  report.allMasked = report.allMaskedRows.length;
  report.duplicates = report.duplicateRows.length;
  report.lengths = lengthHistogram(examples.map((example) => example.fullLength));
  if (examples.length === 0) throw nothingLeft(file, report, options.maxLength);
  const warn = (count: number, text: string) => {
    if (count > 0) report.warnings.push(`${count} of ${report.rows} rows ${text}`);
  };
  warn(report.skipped, 'could not be read and were left out.');
  warn(report.truncated, `are longer than ${options.maxLength} tokens; their end was cut off.`);
  warn(report.allMasked, 'have no answer within the limit and were left out.');
  warn(report.duplicates, 'say the same as an earlier row.');
  warn(report.repeatedIds, 'have an id that another row has; "#row" was appended to it.');
  warn(report.notPrefix, 'have an answer whose beginning merges with the prompt into one token.');
  return { examples, report };
}

function nothingLeft(file: string, report: ExamplesReport, maxLength: number): StudioError {
  if (report.allMasked > 0) {
    return new StudioError(
      'data-empty',
      `${file}: none of ${report.rows} rows has an answer within ${maxLength} tokens: all labels are masked.`,
      'Raise batch.maxLength, shorten the prompts, or check which field holds the answer.',
    );
  }
  const skipped = report.skipped > 0 ? ` (${report.skipped} could not be read)` : '';
  return new StudioError(
    'data-empty',
    `${file} has no rows to train on${skipped}.`,
    'Choose a file with at least one row that can be read.',
  );
}

function emptyReport(): ExamplesReport {
  return {
    rows: 0,
    kept: 0,
    truncated: 0,
    truncatedRows: [],
    allMasked: 0,
    allMaskedRows: [],
    skipped: 0,
    invalid: [],
    duplicates: 0,
    duplicateRows: [],
    repeatedIds: 0,
    notPrefix: 0,
    tokens: 0,
    answerTokens: 0,
    lengths: { edges: [], counts: [] },
    warnings: [],
  };
}
