/**
 * Preflight of a data file: the very examples that training would see (engine/data), some of them
 * token by token with the loss mask, and which prompts are in the held-out file as well.
 */
import type { DataPreview, PreviewRow, PreviewToken } from '../../main/contract/inspection.ts';
import type { ParsedInput } from '../../main/contract/requests.ts';
import { readModelConfig } from '../../main/engine/checkpoint/model-config.ts';
import { buildExamples } from '../../main/engine/data/build-examples.ts';
import { countAnswerTokens } from '../../main/engine/data/example.ts';
import type { Example } from '../../main/engine/data/example.ts';
import { readRows } from '../../main/engine/data/read-rows.ts';
import { loadTokenizer } from '../../main/engine/tokenizer/tokenizer.ts';
import type { Tokenizer } from '../../main/engine/tokenizer/tokenizer.ts';
import { modelSource } from '../../main/engine/train/model-source.ts';

/** Tokens of a row that are sent to the page. */
const shownTokens = 4000;

export async function previewData(input: ParsedInput<'data.preview'>): Promise<DataPreview> {
  const { base } = modelSource(input.model);
  const tokenizer = loadTokenizer(base);
  const common = {
    tokenizer,
    vocabularySize: readModelConfig(base).vocabularySize,
    maxLength: input.maxLength,
    lossOn: input.lossOn,
  };
  const { examples, report } = await buildExamples({ ...common, data: input.data });
  const heldOut =
    input.heldOut === undefined
      ? []
      : (await buildExamples({ ...common, data: { ...input.data, file: input.heldOut } })).examples;
  return {
    file: input.data.file,
    format: /\.([a-z]+)(?:\.(?:zst|gz))?$/i.exec(input.data.file)?.[1]?.toLowerCase() ?? 'file',
    columns: await columnsOf(input.data.file),
    rows: report.rows,
    examined: report.rows,
    shown: examples.slice(0, input.rows).map((example) => previewRow(example, tokenizer)),
    histogram: report.lengths,
    maxLength: input.maxLength,
    tokens: report.tokens,
    answerTokens: report.answerTokens,
    truncated: report.truncatedRows,
    allMasked: report.allMaskedRows,
    duplicates: report.duplicateRows,
    overlap: overlap(examples, heldOut),
    invalid: report.invalid,
    notices: report.warnings.filter((warning) => /merges|same id|have an id/.test(warning)),
  };
}

async function columnsOf(file: string): Promise<string[]> {
  for await (const { value } of readRows(file, { limit: 1 })) return Object.keys(value);
  return [];
}

export function previewTokens(example: Example, tokenizer: Tokenizer): PreviewToken[] {
  return Array.from(example.ids.subarray(0, shownTokens), (id, index) => ({
    id,
    text: tokenizer.tokenText(id),
    trained: index > 0 && example.completionMask[index] === 1,
  }));
}

function previewRow(example: Example, tokenizer: Tokenizer): PreviewRow {
  return {
    index: example.row,
    id: example.id,
    length: example.fullLength,
    answerTokens: countAnswerTokens(example),
    truncated: example.truncated,
    tokens: previewTokens(example, tokenizer),
  };
}

/** Rows whose prompt (all tokens before the first answer token) is a held-out prompt. */
function overlap(examples: Example[], heldOut: Example[]): number[] {
  const prompt = ({ ids, completionMask }: Example): string =>
    ids.subarray(0, Math.max(0, completionMask.indexOf(1))).join(' ');
  const known = new Set(heldOut.map(prompt));
  return examples.filter((example) => known.has(prompt(example))).map(({ row }) => row);
}
