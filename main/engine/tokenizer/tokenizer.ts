/**
 * Text to token ids and back, exactly as the model's own tokenizer does it: added tokens are cut out
 * of the raw text first and never normalised, the stretches between them go through NFC, the split
 * pattern and byte-pair encoding (byte-pair-encoder.ts). Decoding turns ids into bytes and those into
 * text. Which token ends an answer comes from tokenizer_config.json or config.json.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import { asJsonObject, readJsonFile } from '../checkpoint/read-json-file.ts';
import type { ChatMessage, ChatOptions } from './chat-template.ts';
import { createBytePairEncoder } from './byte-pair-encoder.ts';
import { loadChatTemplate } from './chat-template.ts';
import { originalPositions } from './normalized-offsets.ts';
import type { AddedToken, TokenizerFile } from './tokenizer-file.ts';
import { BYTE_ALPHABET, readTokenizerFile } from './tokenizer-file.ts';

export interface EncodedText {
  ids: number[];
  /** Token i covers `text.slice(starts[i], ends[i])`, in UTF-16 code units. */
  starts: Int32Array;
  ends: Int32Array;
}

export interface Tokenizer {
  /** Highest id + 1; the model's embedding may have more rows. */
  vocabularySize: number;
  /** SHA-256 over vocabulary, merges and added tokens: equal hashes, equal ids for every text. */
  hash: string;
  /** The token that ends an answer. */
  eosToken: string;
  eosId: number;
  padId: number;
  /** Tokens that end a generation. */
  stopIds: number[];
  specialIds: ReadonlySet<number>;
  hasChatTemplate: boolean;
  encode(text: string): number[];
  encodeWithOffsets(text: string): EncodedText;
  /** Bytes that are no UTF-8 become U+FFFD; ids without a token become nothing. */
  decode(ids: ArrayLike<number>, options?: { skipSpecialTokens?: boolean }): string;
  /** The token as tokenizer.json spells it, e.g. "Ġworld"; '' for an id without one. */
  token(id: number): string;
  /** What the token decodes to on its own, e.g. " world". */
  tokenText(id: number): string;
  /** Messages as text through the model's chat template. @throws template-invalid */
  renderChat(messages: readonly ChatMessage[], options?: ChatOptions): string;
}

/**
 * From `tokenizer.json` and `tokenizer_config.json` (and the token ids in generation_config.json and
 * config.json) of a model folder.
 * @throws file-missing, file-unreadable, tokenizer-invalid, template-invalid
 */
export function loadTokenizer(modelDirectory: string): Tokenizer {
  const file = readTokenizerFile(join(modelDirectory, 'tokenizer.json'));
  const config = readOptional(join(modelDirectory, 'tokenizer_config.json'));
  const encoder = createBytePairEncoder(file);
  const byContent = new Map(file.addedTokens.map((token) => [token.content, token]));
  const added = new Map(file.addedTokens.map((token) => [token.id, token]));
  const tokens = tokensById(file);
  const specialIds = new Set(file.addedTokens.filter((token) => token.special).map(({ id }) => id));
  const splitter = addedTokenPattern(file.addedTokens);

  /** The raw text as added tokens and the stretches between them. */
  function* split(text: string): Generator<{ text: string; added: AddedToken | undefined }> {
    let position = 0;
    if (splitter) {
      for (const match of text.matchAll(splitter)) {
        if (match.index > position) {
          yield { text: text.slice(position, match.index), added: undefined };
        }
        yield { text: match[0], added: byContent.get(match[0]) };
        position = match.index + match[0].length;
      }
    }
    if (position < text.length) yield { text: text.slice(position), added: undefined };
  }

  function encode(text: string): number[] {
    const ids: number[] = [];
    for (const section of split(text)) {
      if (section.added) ids.push(section.added.id);
      else encoder.encode(section.text, ids);
    }
    return ids;
  }

  function encodeWithOffsets(text: string): EncodedText {
    const ids: number[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    let sectionStart = 0;
    for (const section of split(text)) {
      if (section.added) {
        ids.push(section.added.id);
        starts.push(sectionStart);
        ends.push(sectionStart + section.text.length);
      } else {
        const normalized = file.normalizesToNfc ? section.text.normalize('NFC') : section.text;
        const original = originalPositions(section.text, normalized);
        const characters = charactersOfBytes(normalized);
        let byte = 0;
        const first = ids.length;
        encoder.encode(section.text, ids);
        for (let index = first; index < ids.length; index++) {
          const bytes = tokens[ids[index]!]!.length;
          starts.push(sectionStart + original.start(characters.starts[byte]!));
          ends.push(sectionStart + original.end(characters.ends[byte + bytes - 1]!));
          byte += bytes;
        }
      }
      sectionStart += section.text.length;
    }
    return { ids, starts: Int32Array.from(starts), ends: Int32Array.from(ends) };
  }

  function decode(ids: ArrayLike<number>, options: { skipSpecialTokens?: boolean } = {}): string {
    let text = '';
    let bytes: number[] = [];
    const flush = () => {
      if (bytes.length > 0) text += utf8.decode(Uint8Array.from(bytes));
      bytes = [];
    };
    for (let index = 0; index < ids.length; index++) {
      const id = ids[index]!;
      if (options.skipSpecialTokens === true && specialIds.has(id)) continue;
      const special = added.get(id);
      if (special) {
        flush();
        text += special.content;
      } else {
        for (const character of tokens[id] ?? '') bytes.push(BYTE_OF.get(character) ?? 0);
      }
    }
    flush();
    return text;
  }

  const template = loadChatTemplate(modelDirectory, config);
  const ends = endTokens(modelDirectory, config, file, tokens);
  return {
    ...ends,
    vocabularySize: tokens.length,
    hash: contentHash(file),
    specialIds,
    hasChatTemplate: template !== null,
    encode,
    encodeWithOffsets,
    decode,
    token: (id) => tokens[id] ?? '',
    tokenText: (id) => decode([id]),
    renderChat(messages, options) {
      if (!template) {
        throw new StudioError(
          'template-invalid',
          `${modelDirectory} has no chat template.`,
          'Add chat_template to its tokenizer_config.json, or use a model that has one.',
        );
      }
      return template.render(messages, options);
    },
  };
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const BYTE_OF = new Map(BYTE_ALPHABET.map((character, byte) => [character, byte]));

/** Longest first, so that of two added tokens with one beginning the longer one is found. */
function addedTokenPattern(added: AddedToken[]): RegExp | null {
  if (added.length === 0) return null;
  const contents = added.map((token) => token.content).sort((a, b) => b.length - a.length);
  const escaped = contents.map((content) => content.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(escaped.join('|'), 'g');
}

function tokensById(file: TokenizerFile): string[] {
  const tokens: string[] = [];
  for (const [token, id] of file.vocabulary) tokens[id] = token;
  for (const { id, content } of file.addedTokens) tokens[id] = content;
  return Array.from(tokens, (token) => token ?? '');
}

/** For each UTF-8 byte of a text: the first and the last + 1 code unit of its character. */
function charactersOfBytes(text: string): { starts: Int32Array; ends: Int32Array } {
  const starts = new Int32Array(text.length * 3);
  const ends = new Int32Array(text.length * 3);
  let byte = 0;
  let position = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    const bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    starts.fill(position, byte, byte + bytes);
    ends.fill(position + character.length, byte, byte + bytes);
    byte += bytes;
    position += character.length;
  }
  return { starts, ends };
}

function contentHash(file: TokenizerFile): string {
  const hash = createHash('sha256');
  const vocabulary = [...file.vocabulary].sort(([, left], [, right]) => left - right);
  const added = [...file.addedTokens].sort((left, right) => left.id - right.id);
  hash.update(JSON.stringify([vocabulary, added.map(({ id, content }) => [id, content])]));
  hash.update(JSON.stringify([file.merges, file.pattern, file.normalizesToNfc, file.ignoreMerges]));
  return hash.digest('hex');
}

/** Which token ends an answer: tokenizer_config.json's, else config.json's; likewise for padding. */
function endTokens(
  directory: string,
  config: Record<string, unknown>,
  file: TokenizerFile,
  tokens: string[],
): Pick<Tokenizer, 'eosToken' | 'eosId' | 'padId' | 'stopIds'> {
  const generation = readOptional(join(directory, 'generation_config.json'));
  const model = readOptional(join(directory, 'config.json'));
  const idOf = (value: unknown): number | undefined => {
    const text = typeof value === 'string' ? value : asJsonObject(value)?.['content'];
    if (typeof text !== 'string') return undefined;
    return (
      file.addedTokens.find((token) => token.content === text)?.id ?? file.vocabulary.get(text)
    );
  };
  const eosId =
    idOf(config['eos_token']) ??
    idList(model['eos_token_id'])[0] ??
    idList(generation['eos_token_id'])[0];
  const eosToken = eosId === undefined ? undefined : tokens[eosId];
  if (eosId === undefined || !eosToken) {
    throw new StudioError(
      'tokenizer-invalid',
      `${directory} does not say which token ends an answer.`,
      'Set eos_token in its tokenizer_config.json to one of its tokens, e.g. "<|im_end|>".',
    );
  }
  const declared = idList(generation['eos_token_id'] ?? model['eos_token_id']);
  return {
    eosId,
    eosToken,
    padId: idOf(config['pad_token']) ?? idList(model['pad_token_id'])[0] ?? eosId,
    stopIds: [...new Set([...declared, eosId])],
  };
}

function idList(value: unknown): number[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((id): id is number => Number.isInteger(id) && (id as number) >= 0);
}

function readOptional(path: string): Record<string, unknown> {
  if (!existsSync(path)) return {};
  const value = asJsonObject(readJsonFile(path, 'tokenizer-invalid'));
  if (value) return value;
  throw new StudioError(
    'tokenizer-invalid',
    `${path} does not hold a JSON object.`,
    'Copy or download the tokenizer files of the model again.',
  );
}
