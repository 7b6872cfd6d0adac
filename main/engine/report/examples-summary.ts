/**
 * The training data of a run: counts from `stages/examples/report.json`, the hash of the data file from
 * the stage's inputs; the held-out rows whose prompt training has seen, token for token; and the text of
 * single rows, decoded from their tokens.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { ReportedData } from '../../contract/report.ts';
import { asJsonObject } from '../checkpoint/read-json-file.ts';
import { loadTokenizer } from '../tokenizer/tokenizer.ts';
import type { FoundStage } from './run-files.ts';
import { isNumber, readJson, readJsonLines, sourceOf, textOr } from './run-files.ts';

/** Above this the tokens of all rows are not read again for the sake of a report. */
const largestExamples = 128 * 2 ** 20;
const longestText = 160;

export interface ExamplesSummary {
  data: ReportedData | null;
  /** Text of a row by its id; undefined where it cannot be had. */
  textOf: (id: string | number) => string | undefined;
}

export function summariseExamples(
  runFolder: string,
  stages: readonly FoundStage[],
  { file, model }: { file: string; model: string },
): ExamplesSummary {
  const folder = join(runFolder, 'stages', 'examples');
  const training = readRows(join(folder, 'training.jsonl'));
  const heldOut = readRows(join(folder, 'held-out.jsonl'));
  const report = asJsonObject(readJson(join(folder, 'report.json')));
  if (!report) return { data: null, textOf: decoder(training, model) };
  const number = (name: string): number => (isNumber(report[name]) ? report[name] : 0);
  const inputs = stages.find(({ stage }) => stage === 'examples')?.record?.inputs ?? {};
  const fileHash = textOr(inputs['file'], '');
  const warnings = Array.isArray(report['warnings']) ? report['warnings'] : [];
  const seen = training && heldOut && countSeen(training, heldOut);
  const data: ReportedData = {
    source: sourceOf(stages, 'examples', 'report.json'),
    file,
    ...(/^[0-9a-f]{64}$/.test(fileHash) && { fileHash }),
    rows: number('rows'),
    kept: number('kept'),
    truncated: number('truncated'),
    leftOut: number('allMasked') + number('skipped'),
    duplicates: number('duplicates'),
    tokens: number('tokens'),
    answerTokens: number('answerTokens'),
    ...(heldOut && { heldOutRows: heldOut.length }),
    ...(seen !== null && { heldOutSeen: seen }),
    warnings: warnings.filter((warning): warning is string => typeof warning === 'string'),
  };
  return { data, textOf: decoder(training, model) };
}

type Row = Record<string, unknown>;

function readRows(path: string): Row[] | null {
  try {
    return statSync(path).size > largestExamples ? null : readJsonLines(path);
  } catch {
    return null;
  }
}

function countSeen(training: readonly Row[], heldOut: readonly Row[]): number {
  const prompts = new Set(training.map(promptKey));
  return heldOut.filter((row) => prompts.has(promptKey(row))).length;
}

/** The tokens before the answer. */
function promptKey({ ids, completionMask }: Row): string {
  return Array.isArray(ids) ? ids.slice(0, answerStart({ completionMask })).join(' ') : '';
}

function answerStart({ completionMask }: Row): number {
  return Math.max(0, textOr(completionMask, '').indexOf('1'));
}

function decoder(rows: readonly Row[] | null, model: string): ExamplesSummary['textOf'] {
  const byId = new Map(rows?.map((row) => [row['id'], row]));
  let tokenizer: ReturnType<typeof loadTokenizer> | null = null;
  return (id) => {
    const row = byId.get(id);
    if (!Array.isArray(row?.['ids'])) return undefined;
    const ids: number[] = row['ids'];
    const start = answerStart(row);
    try {
      tokenizer ??= loadTokenizer(model);
      const [prompt, answer] = [ids.slice(0, start), ids.slice(start)].map((part) =>
        tokenizer!.decode(part, { skipSpecialTokens: true }).replace(/\s+/g, ' ').trim(),
      );
      const line = [prompt, answer].filter(Boolean).join(' → ');
      return line.length <= longestText ? line : `${line.slice(0, longestText)}…`;
    } catch {
      // The model's folder is gone or has changed: the table goes without texts.
      return undefined;
    }
  };
}
