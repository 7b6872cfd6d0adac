/**
 * What a row of data means: a conversation, or tokens that are already there. The forms are told by
 * their field names (the user's own through `columns`), in this order: `ids` + `completionMask`,
 * `messages`, `prompt` + `completion`, `instruction` (+ `input`) + `output`, `question` + `answer`.
 * Values are copied field by field; an unknown field is never touched.
 */
import type { DataConfig } from '../../contract/config.ts';
import { StudioError } from '../../contract/errors.ts';
import type { ChatMessage } from '../tokenizer/chat-template.ts';
import type { SourceRow } from './read-rows.ts';

export interface Conversation {
  kind: 'conversation';
  id: string | number;
  row: number;
  /** At least one message before the last one, which is the assistant's. */
  messages: ChatMessage[];
}

export interface TokenizedRow {
  kind: 'tokens';
  id: string | number;
  row: number;
  ids: Int32Array;
  /** 1 where a token belongs to the answer; as long as `ids`. */
  completionMask: Uint8Array;
}

type Row = Record<string, unknown>;
type Columns = DataConfig['columns'];

/** @throws data-invalid, naming the row, the fields it has and those that are accepted */
export function recogniseRow(
  source: SourceRow,
  columns: Columns = {},
): Conversation | TokenizedRow {
  const { row, value, place } = source;
  const id = readId(value, columns, row);
  const mask = field(value, 'completionMask') ?? field(value, 'completion_mask');
  const ids = field(value, 'ids') ?? field(value, 'input_ids');
  if (ids !== undefined && mask !== undefined) {
    return { kind: 'tokens', id, row, ...readTokens(ids, mask, place) };
  }
  const messages = readMessages(value, columns, place);
  if (messages.length < 2 || messages.at(-1)!.role !== 'assistant') {
    const last = messages.at(-1)?.role ?? 'nobody';
    throw invalid(place, `the last of ${messages.length} messages is from ${last}, not an answer`);
  }
  return { kind: 'conversation', id, row, messages };
}

function readMessages(value: Row, columns: Columns, place: string): ChatMessage[] {
  const chosen = Object.entries(columns).filter(([name]) => name !== 'id');
  for (const [use, name] of chosen) {
    if (name !== undefined && field(value, name) === undefined) {
      throw unrecognised(place, value, `there is no field "${name}" (data.columns.${use})`);
    }
  }
  if (columns.messages !== undefined) return asMessages(value, columns.messages, place);
  if (columns.prompt !== undefined || columns.completion !== undefined) {
    return exchange(value, place, {
      prompt: columns.prompt ?? 'prompt',
      completion: columns.completion ?? 'completion',
      ...(columns.input === undefined ? {} : { input: columns.input }),
    });
  }
  const has = (...names: string[]) => names.every((name) => field(value, name) !== undefined);
  if (has('messages')) return asMessages(value, 'messages', place);
  if (has('prompt', 'completion')) {
    return exchange(value, place, { prompt: 'prompt', completion: 'completion' });
  }
  if (has('instruction', 'output')) {
    const names = { prompt: 'instruction', completion: 'output' };
    return exchange(value, place, has('input') ? { ...names, input: 'input' } : names);
  }
  if (has('question', 'answer')) {
    return exchange(value, place, { prompt: 'question', completion: 'answer' });
  }
  throw unrecognised(place, value, 'no form of training data is recognised');
}

/** Prompt and answer as two messages; either may itself be a list of messages, as trl has it. */
function exchange(
  value: Row,
  place: string,
  names: { prompt: string; completion: string; input?: string },
): ChatMessage[] {
  const side = (name: string, role: string): ChatMessage[] =>
    Array.isArray(field(value, name))
      ? asMessages(value, name, place)
      : [{ role, content: asText(field(value, name), `"${name}"`, place) }];
  const prompt = side(names.prompt, 'user');
  const input =
    names.input === undefined
      ? ''
      : asText(field(value, names.input) ?? '', `"${names.input}"`, place);
  const last = prompt.at(-1);
  if (input !== '' && last) last.content += `\n${input}`;
  return [...prompt, ...side(names.completion, 'assistant')];
}

function asMessages(value: Row, name: string, place: string): ChatMessage[] {
  let list = field(value, name);
  if (typeof list === 'string') {
    try {
      list = JSON.parse(list);
    } catch {
      throw invalid(place, `"${name}" is a text that is not JSON, instead of a list of messages`);
    }
  }
  if (!Array.isArray(list) || list.length === 0) {
    throw invalid(place, `"${name}" is not a list of messages`);
  }
  return list.map((entry: unknown, index) => {
    const what = `message ${index + 1} in "${name}"`;
    const message = typeof entry === 'object' && entry !== null ? (entry as Row) : {};
    const role = field(message, 'role');
    if (typeof role !== 'string') throw invalid(place, `${what} has no role`);
    const calls = field(message, 'tool_calls');
    if (Array.isArray(calls) && calls.length > 0) {
      throw invalid(place, `${what} calls tools, which cannot be trained on`);
    }
    return { role, content: asText(field(message, 'content'), `the content of ${what}`, place) };
  });
}

/** A text, a number, or a list of text parts. */
function asText(value: unknown, what: string, place: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) {
    const parts = value.map((part: unknown) =>
      typeof part === 'object' && part !== null ? field(part as Row, 'text') : part,
    );
    if (parts.every((part) => typeof part === 'string')) return parts.join('');
  }
  throw invalid(place, `${what} is not a text`);
}

function readTokens(
  ids: unknown,
  mask: unknown,
  place: string,
): { ids: Int32Array; completionMask: Uint8Array } {
  if (!Array.isArray(ids) || !Array.isArray(mask) || ids.length !== mask.length) {
    throw invalid(place, 'ids and completionMask are not lists of one length');
  }
  if (!ids.every((id) => Number.isInteger(id) && id >= 0 && id < 2 ** 31)) {
    throw invalid(place, 'ids holds something else than token ids');
  }
  if (!mask.every((entry) => [0, 1, true, false].includes(entry as number))) {
    throw invalid(place, 'completionMask holds something else than 0 and 1');
  }
  return { ids: Int32Array.from(ids as number[]), completionMask: Uint8Array.from(mask, Number) };
}

function readId(value: Row, columns: Columns, row: number): string | number {
  const candidates = columns.id === undefined ? ['id', 'idx'] : [columns.id];
  for (const name of candidates) {
    const id = field(value, name);
    if ((typeof id === 'string' && id !== '') || typeof id === 'number') return id;
  }
  return row;
}

/** A field of its own, never one of the prototype's; null counts as absent. */
function field(value: Row, name: string): unknown {
  return Object.hasOwn(value, name) ? (value[name] ?? undefined) : undefined;
}

function unrecognised(place: string, value: Row, reason: string): StudioError {
  const names = Object.keys(value)
    .slice(0, 20)
    .map((name) => name.slice(0, 40));
  return new StudioError(
    'data-invalid',
    `${place}: ${reason}; it has the fields ${names.join(', ') || '(none)'}.`,
    'Accepted: messages; prompt + completion; instruction (+ input) + output; question + answer; ids + completionMask. Set data.columns for other names.',
  );
}

function invalid(place: string, reason: string): StudioError {
  return new StudioError(
    'data-invalid',
    `${place}: ${reason}.`,
    'Correct that row, or set data.skipInvalid to leave such rows out.',
  );
}
