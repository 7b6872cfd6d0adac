/**
 * What mixing does to one answer: at every answer token the best candidates of the weak, the strong
 * and the mixed model, and the mass on wrong tokens (main/engine/model/mixture.ts). Both models run
 * once per answer; moving lambda then only mixes the logits that are kept.
 */
import type {
  MixedPosition,
  MixInspection,
  PreviewToken,
  TokenCandidate,
} from '../../main/contract/inspection.ts';
import type { ParsedInput } from '../../main/contract/requests.ts';
import { StudioError } from '../../main/contract/errors.ts';
import type { LogitCandidate } from '../../main/engine/model/mixture.ts';
import {
  amplificationCurve,
  candidateOf,
  mixLogits,
  topTokens,
  wrongTokenMass,
} from '../../main/engine/model/mixture.ts';
import { loadTokenizer } from '../../main/engine/tokenizer/tokenizer.ts';
import type { Tokenizer } from '../../main/engine/tokenizer/tokenizer.ts';
import type { ModelSource } from '../../main/engine/train/model-source.ts';
import { modelSource } from '../../main/engine/train/model-source.ts';
import { requireSameVocabulary } from '../../main/engine/train/same-vocabulary.ts';
import { mostLogitRows, withModel } from './open-models.ts';

const lambdas = Array.from({ length: 11 }, (_, index) => index / 10);

interface Prepared {
  tokenizer: Tokenizer;
  tokens: PreviewToken[];
  /** Index of each answer token that is looked at in `tokens`. */
  positions: number[];
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
  const { amplification } = prepared;
  const mean = (index: number): number =>
    amplification.reduce((sum, curve) => sum + curve[index]!, 0) / amplification.length;
  return {
    tokens: prepared.tokens,
    positions: prepared.positions.map((_, index) =>
      mixedPosition(prepared, index, input.lambda, input.topK),
    ),
    lambdas,
    meanAmplification: lambdas.map((_, index) => mean(index)),
  };
}

async function prepare(input: ParsedInput<'mix.inspect'>): Promise<Prepared> {
  const strongSource = modelSource(input.strong);
  const weakSource = modelSource(input.weak, strongSource.base);
  requireSameVocabulary(strongSource.base, weakSource.base);
  const tokenizer = loadTokenizer(strongSource.base);
  const { ids, starts } = tokenizer.encodeWithOffsets(input.prompt + input.completion);
  const tokens = ids.map((id, index) => ({
    id,
    text: tokenizer.tokenText(id),
    trained: index > 0 && starts[index]! >= input.prompt.length,
  }));
  const answer = tokens.flatMap(({ trained }, index) => (trained ? [index] : []));
  const positions = answer.slice(0, mostLogitRows);
  if (positions.length === 0) {
    throw new StudioError(
      'data-invalid',
      'The completion has no token of its own.',
      'Give a completion that does not merge with the prompt’s last token.',
    );
  }
  const rowsOf = (source: ModelSource): Promise<Float32Array[]> =>
    withModel(source, ids.length, ({ logits }) => {
      const rows = logits.read(
        ids,
        positions.map((position) => position - 1),
      );
      const width = rows.length / positions.length;
      return positions.map((_, row) => rows.slice(row * width, (row + 1) * width));
    });
  const strong = await rowsOf(strongSource);
  const weak = await rowsOf(weakSource);
  const amplification = positions.map((position, index) =>
    amplificationCurve(weak[index]!, strong[index]!, ids[position]!, lambdas),
  );
  return { tokenizer, tokens, positions, strong, weak, amplification };
}

function mixedPosition(
  { tokenizer, tokens, positions, strong, weak, amplification }: Prepared,
  index: number,
  lambda: number,
  topK: number,
): MixedPosition {
  const position = positions[index]!;
  const label = tokens[position]!.id;
  const rows = { weak: weak[index]!, strong: strong[index]! };
  const mixed = mixLogits(rows.weak, rows.strong, lambda);
  const named = (candidate: LogitCandidate): TokenCandidate => ({
    ...candidate,
    text: tokenizer.tokenText(candidate.id),
  });
  return {
    position,
    label: named(candidateOf(mixed, label)),
    weak: topTokens(rows.weak, topK).map(named),
    strong: topTokens(rows.strong, topK).map(named),
    mixed: topTokens(mixed, topK).map(named),
    weakNonTargetMass: wrongTokenMass(rows.weak, label),
    strongNonTargetMass: wrongTokenMass(rows.strong, label),
    mixedNonTargetMass: wrongTokenMass(mixed, label),
    amplification: amplification[index]!,
  };
}
