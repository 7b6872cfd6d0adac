/**
 * `tokenizer.json` of a Qwen2 or Qwen3 model, read with care: it comes from strangers. Accepted is
 * byte-level BPE as these models have it (NFC or no normaliser, one of the known split patterns);
 * whatever else would need code or a regular expression of the file's own is refused, because a
 * pattern with nested quantifiers can hang the program and an unknown step would give wrong ids.
 * Merges come as ["a", "b"] or as "a b"; both become pairs here.
 */
import { StudioError } from '../../contract/errors.ts';
import { asJsonObject, readJsonFile } from '../checkpoint/read-json-file.ts';

const MAX_VOCABULARY = 1_000_000;

/** Split patterns that have been compared with the Rust implementation: Qwen2 and Qwen3. */
export const KNOWN_PATTERNS = [
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
];

export interface AddedToken {
  id: number;
  content: string;
  /** Special tokens are left out when decoding for people; `<think>` is added but not special. */
  special: boolean;
}

export interface TokenizerFile {
  /** Token in the byte alphabet (GPT-2's printable characters) -> id. */
  vocabulary: Map<string, number>;
  merges: [string, string][];
  addedTokens: AddedToken[];
  pattern: string;
  normalizesToNfc: boolean;
  ignoreMerges: boolean;
}

/** @throws file-missing, file-unreadable, tokenizer-invalid */
export function readTokenizerFile(path: string): TokenizerFile {
  const raw = asJsonObject(readJsonFile(path, 'tokenizer-invalid'));
  if (!raw) throw invalid(path, 'it does not hold a JSON object');
  const model = asJsonObject(raw['model']);
  if (!model || (model['type'] !== undefined && model['type'] !== 'BPE')) {
    throw unsupported(path, `its model is ${JSON.stringify(model?.['type'] ?? null)}, not BPE`);
  }
  for (const field of ['dropout', 'unk_token', 'byte_fallback', 'fuse_unk'] as const) {
    if (isSet(model[field])) throw unsupported(path, `model.${field} is set`);
  }
  for (const field of ['continuing_subword_prefix', 'end_of_word_suffix'] as const) {
    if (isSet(model[field])) throw unsupported(path, `model.${field} is set`);
  }
  const vocabulary = readVocabulary(path, model['vocab']);
  return {
    vocabulary,
    merges: readMerges(path, model['merges'], vocabulary),
    addedTokens: readAddedTokens(path, raw['added_tokens'], vocabulary),
    pattern: readPattern(path, raw['pre_tokenizer']),
    normalizesToNfc: readNormalizer(path, raw['normalizer']),
    ignoreMerges: model['ignore_merges'] === true,
  };
}

function readVocabulary(path: string, value: unknown): Map<string, number> {
  const object = asJsonObject(value);
  if (!object) throw invalid(path, 'model.vocab is missing');
  const entries = Object.entries(object);
  if (entries.length > MAX_VOCABULARY) {
    throw invalid(path, `its vocabulary has ${entries.length} tokens, more than ${MAX_VOCABULARY}`);
  }
  const vocabulary = new Map<string, number>();
  const ids = new Set<number>();
  for (const [token, id] of entries) {
    if (!isTokenId(id)) throw invalid(path, `token ${show(token)} has the id ${show(id)}`);
    if (ids.has(id)) throw invalid(path, `two tokens have the id ${id}`);
    ids.add(id);
    vocabulary.set(token, id);
  }
  for (const character of BYTE_ALPHABET) {
    if (!vocabulary.has(character)) {
      throw unsupported(path, `there is no token for the byte written ${show(character)}`);
    }
  }
  return vocabulary;
}

function readMerges(
  path: string,
  value: unknown,
  vocabulary: Map<string, number>,
): [string, string][] {
  if (!Array.isArray(value)) throw invalid(path, 'model.merges is missing');
  if (value.length > MAX_VOCABULARY) throw invalid(path, `it has ${value.length} merges`);
  return value.map((merge: unknown, index) => {
    const pair: unknown[] = typeof merge === 'string' ? merge.split(' ') : toArray(merge);
    const [left, right] = pair;
    if (pair.length !== 2 || typeof left !== 'string' || typeof right !== 'string') {
      throw invalid(path, `merge ${index} is ${show(merge)}, not a pair of tokens`);
    }
    if (!vocabulary.has(left + right)) {
      throw invalid(path, `merge ${index} makes ${show(left + right)}, which is not a token`);
    }
    return [left, right];
  });
}

function readAddedTokens(
  path: string,
  value: unknown,
  vocabulary: Map<string, number>,
): AddedToken[] {
  const used = new Map([...vocabulary].map(([token, id]) => [id, token]));
  const contents = new Set<string>();
  return toArray(value ?? []).map((entry) => {
    const token = asJsonObject(entry);
    const id = token?.['id'];
    const content = token?.['content'];
    if (!token || !isTokenId(id) || typeof content !== 'string' || content === '') {
      throw invalid(path, `the added token ${show(entry)} lacks an id or its content`);
    }
    for (const field of ['single_word', 'lstrip', 'rstrip', 'normalized'] as const) {
      if (isSet(token[field]))
        throw unsupported(path, `added token ${show(content)} sets ${field}`);
    }
    if ((used.get(id) ?? content) !== content || contents.has(content)) {
      throw invalid(path, `the added token ${show(content)} (id ${id}) is there twice`);
    }
    used.set(id, content);
    contents.add(content);
    return { id, content, special: token['special'] === true };
  });
}

function readPattern(path: string, value: unknown): string {
  const steps = toArray(asJsonObject(value)?.['pretokenizers']).map(asJsonObject);
  const [split, byteLevel] = steps;
  const pattern = asJsonObject(split?.['pattern'])?.['Regex'];
  const regular =
    steps.length === 2 &&
    split?.['type'] === 'Split' &&
    split['behavior'] === 'Isolated' &&
    !isSet(split['invert']) &&
    byteLevel?.['type'] === 'ByteLevel' &&
    !isSet(byteLevel['add_prefix_space']) &&
    byteLevel['use_regex'] === false;
  if (!regular || typeof pattern !== 'string') {
    throw unsupported(path, 'its pre_tokenizer is not a split by pattern followed by ByteLevel');
  }
  if (!KNOWN_PATTERNS.includes(pattern)) {
    throw unsupported(path, `it splits words by a pattern that is not known: ${show(pattern)}`);
  }
  return pattern;
}

function readNormalizer(path: string, value: unknown): boolean {
  if (value === null || value === undefined) return false;
  if (asJsonObject(value)?.['type'] === 'NFC') return true;
  throw unsupported(path, `its normalizer is ${show(asJsonObject(value)?.['type'])}, not NFC`);
}

/** The 256 characters that stand for bytes: printable Latin-1 as itself, the rest from U+0100 on. */
export const BYTE_ALPHABET: string[] = byteAlphabet();

function byteAlphabet(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable =
      (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
    return String.fromCharCode(printable ? byte : next++);
  });
}

function isTokenId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < MAX_VOCABULARY;
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== '';
}

function toArray(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function invalid(path: string, reason: string): StudioError {
  return new StudioError(
    'tokenizer-invalid',
    `${path} cannot be used: ${reason}.`,
    'Copy or download the tokenizer files of the model again.',
  );
}

function unsupported(path: string, reason: string): StudioError {
  return new StudioError(
    'tokenizer-invalid',
    `${path} is not a byte-level BPE tokenizer as Qwen2 and Qwen3 have it: ${reason}.`,
    "Use a Qwen3 model folder with its own tokenizer.json; other models' tokenizers are not supported.",
  );
}
