/**
 * `wds inspect`: what a model, a weak agent and their mixture predict after every token of a text.
 * `position` t is the prediction made after the token at index t. `--full` writes whole rows of
 * logits as safetensors: `strong`, `weak`, `mixed`, each [T, V] f32.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import { unreadableFile } from '../../engine/checkpoint/read-json-file.ts';
import { writeSafetensors } from '../../engine/checkpoint/safetensors-writer.ts';
import {
  logitTensors,
  openLogitInspector,
  type LogitInspector,
} from '../../engine/model/inspect.ts';
import { topTokens } from '../../engine/model/mixture.ts';
import { loadTokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { choosePlacement } from '../../engine/runtime/placement.ts';
import { modelSource } from '../../engine/train/model-source.ts';
import type { CommandSpec } from '../arguments.ts';
import { parseArguments, usage } from '../arguments.ts';
import { formatNumber, formatTable } from '../text.ts';

export const inspectSpec: CommandSpec = {
  name: 'inspect',
  usage: '--model DIR [--weak DIR --lambda X] --ids FILE|JSON [--top-k K | --full FILE] [--json]',
  summary: 'Shows the next-token logits of a model, of a weak agent and of their mixture.',
  options: {
    model: { value: 'DIR', help: 'the (strong) model' },
    weak: { value: 'DIR', help: 'the weak agent; it must share the vocabulary' },
    lambda: { value: 'X', help: "the strong model's share of the mixture, 0 to 1 (default 0.5)" },
    ids: { value: 'FILE|JSON', help: 'token ids: [1, 2, ...], or a file that holds them' },
    'top-k': { value: 'K', help: 'so many tokens at each position (default 5)' },
    full: { value: 'FILE', help: 'write all logits to this safetensors file instead' },
    json: { help: 'one JSON document on stdout' },
  },
};

interface Candidate {
  id: number;
  token: string;
  logit: number;
  probability: number;
}

interface Position {
  position: number;
  weak?: Candidate[];
  strong: Candidate[];
  mixed?: Candidate[];
}

export async function inspect(args: string[]): Promise<number> {
  const given = parseArguments(inspectSpec, args);
  const strong = modelSource(given.required('model'));
  const weakFolder = given.value('weak');
  const lambda = given.number('lambda') ?? 0.5;
  const topK = given.number('top-k') ?? 5;
  const full = given.value('full');
  if (weakFolder === undefined && given.has('lambda')) {
    throw usage(inspectSpec, '--lambda needs a weak agent: --weak DIR.');
  }
  if (!(lambda >= 0 && lambda <= 1)) throw usage(inspectSpec, '--lambda must be from 0 to 1.');
  if (!(Number.isInteger(topK) && topK >= 1)) {
    throw usage(inspectSpec, '--top-k must be a positive whole number.');
  }
  if (full !== undefined && given.has('top-k')) {
    throw usage(inspectSpec, 'Give either --top-k or --full.');
  }
  const ids = readIds(given.required('ids'));
  const inspector = await openLogitInspector({
    strong,
    weak:
      weakFolder === undefined ? null : { source: modelSource(weakFolder, strong.base), lambda },
    ids,
    precision: { weights: 'f32', compute: 'f32' },
    placement: choosePlacement('cpu'),
  });
  try {
    if (full !== undefined) {
      const tensors = logitTensors(inspector);
      const file = resolve(full);
      writeSafetensors(file, tensors);
      const { length, vocabulary } = inspector;
      const result = {
        file,
        tensors: tensors.map(({ name }) => name),
        shape: [length, vocabulary],
      };
      console.log(given.has('json') ? JSON.stringify(result) : `${length} positions in ${file}`);
      return 0;
    }
    const { tokenText } = loadTokenizer(strong.base);
    const positions = topPositions(inspector, topK, tokenText);
    console.log(
      given.has('json') ? JSON.stringify({ positions }) : asTable(positions, ids, tokenText),
    );
    return 0;
  } finally {
    inspector.close();
  }
}

function topPositions(
  inspector: LogitInspector,
  topK: number,
  tokenText: (id: number) => string,
): Position[] {
  const { vocabulary } = inspector;
  const positions: Position[] = [];
  for (const { begin, strong, weak, mixed } of inspector.rows()) {
    for (let row = 0; row * vocabulary < strong.length; row++) {
      const best = (logits: Float32Array): Candidate[] =>
        topTokens(logits.subarray(row * vocabulary, (row + 1) * vocabulary), topK).map(
          ({ id, logit, probability }) => ({ id, token: tokenText(id), logit, probability }),
        );
      positions.push({
        position: begin + row,
        ...(weak && { weak: best(weak) }),
        strong: best(strong),
        ...(mixed && { mixed: best(mixed) }),
      });
    }
  }
  return positions;
}

/** A list of ids, or an object that has one as `ids`, as `wds tokenize --json` writes them. */
function readIds(value: string): number[] {
  const inline = /^\s*\[/.test(value);
  let text = value;
  try {
    if (!inline) text = readFileSync(value, 'utf8');
  } catch (error) {
    throw unreadableFile(value, error);
  }
  const where = inline ? '--ids' : value;
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalidIds(`${where} is not valid JSON (${reason}).`);
  }
  const list = Array.isArray(document) && document.length === 1 ? idsOf(document[0]) : null;
  const ids = list ?? idsOf(document);
  if (ids === null || !ids.every((id) => typeof id === 'number')) {
    throw invalidIds(`${where} does not hold a list of token ids.`);
  }
  return ids as number[];
}

function idsOf(document: unknown): unknown[] | null {
  if (Array.isArray(document)) return document as unknown[];
  if (document === null || typeof document !== 'object') return null;
  const { ids } = document as { ids?: unknown };
  return Array.isArray(ids) ? (ids as unknown[]) : null;
}

function invalidIds(message: string): StudioError {
  return new StudioError('data-invalid', message, 'Give the token ids of one text: [1, 2, ...].');
}

function asTable(
  positions: Position[],
  ids: readonly number[],
  tokenText: (id: number) => string,
): string {
  const cell = (list: Candidate[] | undefined): string =>
    (list ?? [])
      .map(({ token, probability }) => `${JSON.stringify(token)} ${formatNumber(probability)}`)
      .join('  ');
  const hasWeak = positions[0]?.weak !== undefined;
  const heading = ['position', 'after', 'strong', ...(hasWeak ? ['weak', 'mixed'] : [])];
  const rows = positions.map(({ position, strong, weak, mixed }) => [
    String(position),
    JSON.stringify(tokenText(ids[position]!)),
    cell(strong),
    ...(hasWeak ? [cell(weak), cell(mixed)] : []),
  ]);
  return formatTable([heading, ...rows]);
}
