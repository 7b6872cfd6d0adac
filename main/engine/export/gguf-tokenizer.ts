/**
 * A model's tokenizer as the metadata `tokenizer.*` of a GGUF file: byte-level BPE ("gpt2") with the
 * name under which llama.cpp knows its split pattern, one entry per row of the embedding (rows without
 * a token are called [PADn], unused), merges, the ids that mean something, and the chat template.
 * llama.cpp has no normaliser: text that is not in NFC gives other tokens there.
 */
import { join } from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import type { Qwen3Config } from '../checkpoint/model-config.ts';
import { asJsonObject, readJsonFile } from '../checkpoint/read-json-file.ts';
import { loadChatTemplate } from '../tokenizer/chat-template.ts';
import { readTokenizerFile, type TokenizerFile } from '../tokenizer/tokenizer-file.ts';
import { loadTokenizer } from '../tokenizer/tokenizer.ts';
import type { GgufValue } from './gguf-file.ts';

const tokenTypes = { normal: 1, control: 3, userDefined: 4, unused: 5 } as const;

/** Split pattern -> llama.cpp's name of it; the Qwen2 one is that of Qwen3 too. */
const preTokenizers = new Map([
  [
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
    'qwen2',
  ],
]);

/** @throws file-missing, tokenizer-invalid, template-invalid, vocabulary-mismatch */
export function ggufTokenizer(folder: string, config: Qwen3Config): Map<string, GgufValue> {
  const path = join(folder, 'tokenizer.json');
  const file = readTokenizerFile(path);
  const tokenizer = loadTokenizer(folder);
  if (tokenizer.vocabularySize > config.vocabularySize) {
    throw new StudioError(
      'vocabulary-mismatch',
      `${path} has ${tokenizer.vocabularySize} tokens, the model's embedding only ${config.vocabularySize} rows.`,
      'Use the tokenizer that belongs to this model.',
    );
  }
  const { tokens, types } = tokenList(file, config.vocabularySize);
  const tokenizerConfig =
    asJsonObject(readJsonFile(join(folder, 'tokenizer_config.json'), 'tokenizer-invalid')) ?? {};
  const bos = beginningToken(file, tokenizerConfig, config);
  const template = loadChatTemplate(folder, tokenizerConfig)?.source;
  return new Map<string, GgufValue>([
    ['tokenizer.ggml.model', { type: 'string', value: 'gpt2' }],
    ['tokenizer.ggml.pre', { type: 'string', value: preTokenizer(path, file) }],
    ['tokenizer.ggml.tokens', { type: 'strings', value: tokens }],
    ['tokenizer.ggml.token_type', { type: 'i32s', value: types }],
    ['tokenizer.ggml.merges', { type: 'strings', value: mergeList(file) }],
    ['tokenizer.ggml.eos_token_id', { type: 'u32', value: tokenizer.eosId }],
    ['tokenizer.ggml.padding_token_id', { type: 'u32', value: tokenizer.padId }],
    ...(bos === null
      ? []
      : [['tokenizer.ggml.bos_token_id', { type: 'u32', value: bos }] as const]),
    // Neither this engine nor transformers' tokenizer of Qwen puts anything before a text or after it.
    ['tokenizer.ggml.add_bos_token', { type: 'bool', value: false }],
    ['tokenizer.ggml.add_eos_token', { type: 'bool', value: false }],
    ...(template
      ? [['tokenizer.chat_template', { type: 'string', value: template }] as const]
      : []),
  ]);
}

function preTokenizer(path: string, file: TokenizerFile): string {
  const name = preTokenizers.get(file.pattern);
  if (name !== undefined && !file.ignoreMerges) return name;
  throw new StudioError(
    'tokenizer-invalid',
    name === undefined
      ? `${path} splits words by a pattern that llama.cpp has no name for, so a GGUF file would give other tokens.`
      : `${path} sets ignore_merges, which llama.cpp does not do for the pattern ${name}.`,
    'Export this model as hf or merged.',
  );
}

function tokenList(file: TokenizerFile, rows: number): { tokens: string[]; types: number[] } {
  const tokens = Array.from({ length: rows }, (_, id) => `[PAD${id}]`);
  const types: number[] = tokens.map(() => tokenTypes.unused);
  for (const [token, id] of file.vocabulary) {
    tokens[id] = token;
    types[id] = tokenTypes.normal;
  }
  for (const { id, content, special } of file.addedTokens) {
    tokens[id] = content;
    types[id] =
      special || /^<\|.*\|>$/s.test(content) ? tokenTypes.control : tokenTypes.userDefined;
  }
  return { tokens, types };
}

/** Parts with a space cannot be written; they never apply either, since bytes are spelt without one. */
function mergeList({ merges }: TokenizerFile): string[] {
  return merges.filter((pair) => !pair.join('').includes(' ')).map((pair) => pair.join(' '));
}

/** Qwen's tokenizer has none, yet its config.json names one; llama.cpp's converter takes that. */
function beginningToken(
  file: TokenizerFile,
  tokenizerConfig: Record<string, unknown>,
  { raw, vocabularySize }: Qwen3Config,
): number | null {
  const declared = tokenizerConfig['bos_token'];
  const content = typeof declared === 'string' ? declared : asJsonObject(declared)?.['content'];
  const token = file.addedTokens.find((added) => added.content === content);
  if (token) return token.id;
  const id = raw['bos_token_id'];
  return Number.isInteger(id) && (id as number) >= 0 && (id as number) < vocabularySize
    ? (id as number)
    : null;
}
