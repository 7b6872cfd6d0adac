/**
 * What mixing does to one answer: z_mix = (1 - lambda) z_weak + lambda z_strong at every answer
 * token, its best candidates, and the mass on wrong tokens, which the gradient is proportional to.
 * Both models run once per answer; moving lambda then only mixes the logits that are kept.
 */
import type {
  MixedPosition,
  MixInspection,
  PreviewToken,
  TokenCandidate,
} from '../../main/contract/inspection.ts';
import type { ParsedInput } from '../../main/contract/requests.ts';
import { StudioError } from '../../main/contract/errors.ts';
import type { Example } from '../../main/engine/data/example.ts';
import { loadTokenizer } from '../../main/engine/tokenizer/tokenizer.ts';
import type { Tokenizer } from '../../main/engine/tokenizer/tokenizer.ts';
import { modelSource } from '../../main/engine/train/model-source.ts';
import { previewTokens } from './data-preview.ts';
import { measureExample } from './measure-example.ts';

/** Answer tokens that are looked at; a logit row of Qwen3 takes 0.6 MB. */
const mostPositions = 64;
const lambdas = Array.from({ length: 11 }, (_, index) => index / 10);

interface Prepared {
  tokenizer: Tokenizer;
  tokens: PreviewToken[];
  /** Index of each answer token in `tokens`. */
  positions: number[];
  labels: Int32Array;
  strong: Float32Array[];
  weak: Float32Array[];
  amplification: number[][];
}

let last: { key: string; prepared: Prepared } | null = null;

export async function inspectMix(input: ParsedInput<'mix.inspect'>): Promise<MixInspection> {
  const { strong, weak, prompt, completion } = input;
  const key = JSON.stringify([strong, weak, prompt, completion]);
  const prepared = last?.key === key ? last.prepared : await prepare(input);
  last = { key, prepared };
  const count = prepared.amplification.length;
  const mean = lambdas.map(
    (_, index) =>
      prepared.amplification.reduce((sum, curve) => sum + (curve[index] ?? 0), 0) / count,
  );
  return {
    tokens: prepared.tokens,
    positions: prepared.positions.map((position, index) =>
      mixedPosition(prepared, index, position, input.lambda, input.topK),
    ),
    lambdas,
    meanAmplification: mean,
  };
}

async function prepare(input: ParsedInput<'mix.inspect'>): Promise<Prepared> {
  const strongSource = modelSource(input.strong);
  const weakSource = modelSource(input.weak, strongSource.base);
  const tokenizer = loadTokenizer(strongSource.base);
  if (loadTokenizer(weakSource.base).hash !== tokenizer.hash) {
    throw new StudioError(
      'vocabulary-mismatch',
      'Weak and strong model have different tokenizers, so their logits cannot be mixed.',
      'Choose a weak agent of the same family.',
    );
  }
  const example = toExample(tokenizer, input.prompt, input.completion);
  const strong = await measureExample(strongSource, example, 'logits');
  const weak = await measureExample(weakSource, example, 'logits');
  const count = Math.min(mostPositions, strong.targets);
  const rowsOf = ({ values, width }: { values: Float32Array; width: number }): Float32Array[] =>
    Array.from({ length: count }, (_, row) => values.subarray(row * width, (row + 1) * width));
  const tokens = previewTokens(example, tokenizer);
  const prepared: Prepared = {
    tokenizer,
    tokens,
    positions: tokens.flatMap(({ trained }, index) => (trained ? [index] : [])).slice(0, count),
    labels: strong.labels,
    strong: rowsOf(strong),
    weak: rowsOf(weak),
    amplification: [],
  };
  prepared.amplification = prepared.positions.map((_, index) => {
    const own = nonTargetMass(prepared.strong[index]!, prepared.labels[index]!);
    return lambdas.map(
      (lambda) => nonTargetMass(mixed(prepared, index, lambda), prepared.labels[index]!) / own,
    );
  });
  return prepared;
}

function toExample(tokenizer: Tokenizer, prompt: string, completion: string): Example {
  const { ids, starts } = tokenizer.encodeWithOffsets(prompt + completion);
  const completionMask = Uint8Array.from(starts, (start) => (start >= prompt.length ? 1 : 0));
  return {
    id: 0,
    row: 0,
    ids: Int32Array.from(ids),
    completionMask,
    fullLength: ids.length,
    truncated: false,
    promptIsPrefix: true,
  };
}

function mixed({ strong, weak }: Prepared, index: number, lambda: number): Float32Array {
  const weakRow = weak[index]!;
  return strong[index]!.map((value, id) => (1 - lambda) * weakRow[id]! + lambda * value);
}

/** log(sum(exp(z))), safe for large z. */
function logSumExp(logits: Float32Array): number {
  let top = -Infinity;
  for (const value of logits) if (value > top) top = value;
  let sum = 0;
  for (const value of logits) sum += Math.exp(value - top);
  return top + Math.log(sum);
}

function nonTargetMass(logits: Float32Array, label: number): number {
  return -Math.expm1(logits[label]! - logSumExp(logits));
}

function mixedPosition(
  prepared: Prepared,
  index: number,
  position: number,
  lambda: number,
  topK: number,
): MixedPosition {
  const label = prepared.labels[index]!;
  const mixedRow = mixed(prepared, index, lambda);
  const rows = { weak: prepared.weak[index]!, strong: prepared.strong[index]!, mixed: mixedRow };
  const best = (logits: Float32Array): TokenCandidate[] =>
    bestIds(logits, topK).map((id) => candidate(prepared.tokenizer, logits, id));
  return {
    position,
    label: candidate(prepared.tokenizer, mixedRow, label),
    weak: best(rows.weak),
    strong: best(rows.strong),
    mixed: best(rows.mixed),
    weakNonTargetMass: nonTargetMass(rows.weak, label),
    strongNonTargetMass: nonTargetMass(rows.strong, label),
    mixedNonTargetMass: nonTargetMass(rows.mixed, label),
    amplification: prepared.amplification[index]!,
  };
}

function candidate(tokenizer: Tokenizer, logits: Float32Array, id: number): TokenCandidate {
  const logit = logits[id]!;
  return {
    id,
    text: tokenizer.tokenText(id),
    logit,
    probability: Math.exp(logit - logSumExp(logits)),
  };
}

/** Ids of the largest logits, best first; one pass with a short sorted list. */
function bestIds(logits: Float32Array, count: number): number[] {
  const best: number[] = [];
  for (let id = 0; id < logits.length; id += 1) {
    const value = logits[id]!;
    if (best.length === count && value <= logits[best[count - 1]!]!) continue;
    let place = best.length;
    while (place > 0 && logits[best[place - 1]!]! < value) place -= 1;
    best.splice(place, 0, id);
    if (best.length > count) best.pop();
  }
  return best;
}
