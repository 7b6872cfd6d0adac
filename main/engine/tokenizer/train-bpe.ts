/**
 * Trains a byte-level BPE tokenizer in Qwen3's layout: NFC, Qwen2's split pattern (one digit a piece),
 * bytes as printable characters, and the added tokens of a chat. Algorithm of Sennrich et al. 2016 on
 * counted pieces: merge the most frequent adjacent pair, again and again; of equally frequent pairs
 * the one whose tokens come first. Pair counts are kept up to date merge by merge, piece by piece.
 */
import { ByteLevelPreTokenizer, SplitPreTokenizer } from '@huggingface/tokenizers';
import { StudioError } from '../../contract/errors.ts';
import { BYTE_ALPHABET, KNOWN_PATTERNS } from './tokenizer-file.ts';

export interface BpeTraining {
  /** Texts without chat markup. */
  texts: Iterable<string>;
  /** Tokens altogether: 256 bytes, merges and added tokens. Fewer come out if texts have no more pairs. */
  vocabularySize: number;
  /** Pairs that occur less often are not merged. */
  minimumCount?: number;
}

/** As in Qwen3: `<think>` is added but not special, so decoding for people keeps it. */
const addedTokens = [
  { content: '<|endoftext|>', special: true },
  { content: '<|im_start|>', special: true },
  { content: '<|im_end|>', special: true },
  { content: '<think>', special: false },
  { content: '</think>', special: false },
];

const chatTemplate =
  "{%- for message in messages %}{{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}";

const pattern = KNOWN_PATTERNS[0]!;
const byteLevel = {
  type: 'ByteLevel' as const,
  add_prefix_space: false,
  trim_offsets: false,
  use_regex: false,
};

/**
 * The contents of `tokenizer.json` and `tokenizer_config.json`.
 * @throws usage when the vocabulary cannot even hold the bytes and the added tokens
 */
export function trainBpe(training: BpeTraining): { tokenizer: object; tokenizerConfig: object } {
  const merges = learnMerges(
    countPieces(training.texts),
    training.vocabularySize - BYTE_ALPHABET.length - addedTokens.length,
    training.minimumCount ?? 2,
  );
  const tokens = [...[...BYTE_ALPHABET].sort(), ...merges.map(([left, right]) => left + right)];
  const added = addedTokens.map(({ content, special }, index) => ({
    id: tokens.length + index,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special,
  }));
  return {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: added,
      normalizer: { type: 'NFC' },
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
          byteLevel,
        ],
      },
      post_processor: byteLevel,
      decoder: byteLevel,
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: '',
        end_of_word_suffix: '',
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
        merges,
      },
    },
    tokenizerConfig: {
      add_bos_token: false,
      add_prefix_space: false,
      added_tokens_decoder: Object.fromEntries(
        added.map(({ id, ...token }) => [String(id), token]),
      ),
      additional_special_tokens: ['<|im_start|>', '<|im_end|>'],
      bos_token: null,
      chat_template: chatTemplate,
      clean_up_tokenization_spaces: false,
      eos_token: '<|im_end|>',
      errors: 'replace',
      model_max_length: 4096,
      pad_token: '<|endoftext|>',
      split_special_tokens: false,
      tokenizer_class: 'Qwen2Tokenizer',
      unk_token: null,
    },
  };
}

/** How often each piece occurs, in the byte alphabet. Roles of a chat count as text, once each. */
function countPieces(texts: Iterable<string>): Map<string, number> {
  const split = new SplitPreTokenizer({
    type: 'Split',
    pattern: { Regex: pattern },
    behavior: 'Isolated',
    invert: false,
  });
  const bytes = new ByteLevelPreTokenizer(byteLevel);
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const piece of split.pre_tokenize_text(text.normalize('NFC'))) {
      for (const word of bytes.pre_tokenize_text(piece)) {
        counts.set(word, (counts.get(word) ?? 0) + 1);
      }
    }
  }
  return counts;
}

interface Piece {
  tokens: number[];
  count: number;
}

/** Two token numbers as one map key; there are far fewer than 2^26 tokens. */
const keyOf = (left: number, right: number) => left * 2 ** 26 + right;

function learnMerges(
  counts: Map<string, number>,
  wanted: number,
  minimumCount: number,
): [string, string][] {
  if (wanted < 0) {
    const least = BYTE_ALPHABET.length + addedTokens.length;
    throw new StudioError(
      'usage',
      `A byte-level vocabulary has at least ${least} tokens.`,
      `Ask for ${least} or more.`,
    );
  }
  const tokens = [...BYTE_ALPHABET].sort();
  const numbers = new Map(tokens.map((token, id) => [token, id]));
  const pieces = [...counts].map(([text, count]): Piece => ({
    tokens: Array.from(text, (character) => numbers.get(character)!),
    count,
  }));
  const pairs = new Map<number, { count: number; pieces: Set<Piece> }>();
  const add = (piece: Piece, sign: 1 | -1) => {
    for (let index = 1; index < piece.tokens.length; index++) {
      const key = keyOf(piece.tokens[index - 1]!, piece.tokens[index]!);
      const pair = pairs.get(key) ?? { count: 0, pieces: new Set() };
      pair.count += sign * piece.count;
      pair.pieces.add(piece);
      pairs.set(key, pair);
    }
  };
  for (const piece of pieces) add(piece, 1);

  const merges: [string, string][] = [];
  while (merges.length < wanted) {
    let best = { key: -1, count: minimumCount - 1 };
    for (const [key, { count }] of pairs) {
      if (count > best.count || (count === best.count && key < best.key)) best = { key, count };
    }
    if (best.key < 0) break;
    const [left, right] = [Math.floor(best.key / 2 ** 26), best.key % 2 ** 26];
    const merged = tokens.push(tokens[left]! + tokens[right]!) - 1;
    merges.push([tokens[left]!, tokens[right]!]);
    for (const piece of pairs.get(best.key)!.pieces) {
      add(piece, -1);
      piece.tokens = replacePair(piece.tokens, left, right, merged);
      add(piece, 1);
    }
    pairs.delete(best.key);
  }
  return merges;
}

/** Leftmost first, as encoding does it. */
function replacePair(tokens: number[], left: number, right: number, merged: number): number[] {
  const result: number[] = [];
  for (let index = 0; index < tokens.length; index++) {
    const found = tokens[index] === left && tokens[index + 1] === right;
    result.push(found ? merged : tokens[index]!);
    if (found) index++;
  }
  return result;
}
