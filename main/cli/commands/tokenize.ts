/**
 * `wds tokenize`: what the model sees of a text or of conversations: ids, tokens, offsets, and for
 * conversations that end with an answer which tokens the loss is taken over. JSON: one entry per
 * input, in their order.
 */
import { readFileSync, statSync } from 'node:fs';
import { StudioError } from '../../contract/errors.ts';
import { asJsonObject, unreadableFile } from '../../engine/checkpoint/read-json-file.ts';
import { conversationText, maskTokens, trainingText } from '../../engine/data/encode-example.ts';
import type { ChatMessage } from '../../engine/tokenizer/chat-template.ts';
import type { Tokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { loadTokenizer } from '../../engine/tokenizer/tokenizer.ts';
import type { CommandSpec } from '../arguments.ts';
import { parseArguments, usage } from '../arguments.ts';
import { formatTable } from '../text.ts';

export const tokenizeSpec: CommandSpec = {
  name: 'tokenize',
  usage: '--model DIR (--text S | --messages FILE) [--form conversation|training] [--json]',
  summary: 'Shows the tokens of a text or of conversations, and which of them are trained on.',
  options: {
    model: { value: 'DIR', help: 'model folder with tokenizer.json and tokenizer_config.json' },
    text: { value: 'S', repeated: true, help: 'a text as it is, without the chat template' },
    messages: {
      value: 'FILE',
      help: 'JSON or JSONL: lists of {role, content}, or rows {messages, add_generation_prompt?}',
    },
    form: {
      value: 'NAME',
      help: 'conversation: all through the template (default); training: as SFT sees it',
    },
    json: { help: 'one JSON document on stdout: a list with one entry per input' },
  },
};

interface TokenizedInput {
  text: string;
  ids: number[];
  /** As tokenizer.json spells them. */
  tokens: string[];
  /** From and to, in UTF-16 code units of `text`. */
  offsets: [number, number][];
  /** 1 = the loss is taken over it; only where the last message is the assistant's. */
  completionMask?: number[];
  promptIsPrefix?: boolean;
}

interface Chat {
  messages: ChatMessage[];
  /** Null: where the last message is not the assistant's. */
  addGenerationPrompt: boolean | null;
}

const MAX_FILE_BYTES = 64 * 2 ** 20;

export async function tokenize(args: string[]): Promise<number> {
  const given = parseArguments(tokenizeSpec, args);
  const model = given.required('model');
  const texts = given.values('text');
  const file = given.value('messages');
  const form = given.value('form') ?? 'conversation';
  if ((file === undefined) === (texts.length === 0)) {
    throw usage(tokenizeSpec, 'Give either --text or --messages.');
  }
  if (form !== 'conversation' && form !== 'training') {
    throw usage(tokenizeSpec, `--form is conversation or training, not "${form}".`);
  }
  const tokenizer = loadTokenizer(model);
  const results =
    file === undefined
      ? texts.map((text) => tokenizeText(tokenizer, text))
      : readChats(file).map((chat) => tokenizeChat(tokenizer, chat, form));
  const output = given.has('json') ? JSON.stringify(results) : results.map(asTable).join('\n\n');
  process.stdout.write(`${output}\n`);
  return 0;
}

function tokenizeText(tokenizer: Tokenizer, text: string): TokenizedInput {
  const { ids, starts, ends } = tokenizer.encodeWithOffsets(text);
  return {
    text,
    ids,
    tokens: ids.map((id) => tokenizer.token(id)),
    offsets: ids.map((_, index) => [starts[index]!, ends[index]!]),
  };
}

function tokenizeChat(
  tokenizer: Tokenizer,
  { messages, addGenerationPrompt }: Chat,
  form: 'conversation' | 'training',
): TokenizedInput {
  const answered = messages.at(-1)?.role === 'assistant';
  if (!answered || addGenerationPrompt === true) {
    const options = { addGenerationPrompt: addGenerationPrompt ?? true };
    return tokenizeText(tokenizer, tokenizer.renderChat(messages, options));
  }
  const source =
    form === 'training' ? trainingText(messages, tokenizer) : conversationText(messages, tokenizer);
  const { completionMask, promptIsPrefix } = maskTokens(tokenizer, source);
  return {
    ...tokenizeText(tokenizer, source.text),
    completionMask: [...completionMask],
    promptIsPrefix,
  };
}

/** One document, or one per line. */
function readChats(path: string): Chat[] {
  const text = readText(path);
  let documents: unknown[];
  try {
    const value: unknown = JSON.parse(text);
    const several = Array.isArray(value) && !value.every(isMessage);
    documents = several ? (value as unknown[]) : [value];
  } catch (whole) {
    documents = parseLines(path, text, whole);
  }
  return documents.map((document, index) => asChat(document, `${path}, conversation ${index + 1}`));
}

function parseLines(path: string, text: string, whole: unknown): unknown[] {
  const lines = text.split('\n').map((line, index) => ({ line: line.trim(), number: index + 1 }));
  return lines
    .filter(({ line }) => line !== '')
    .map(({ line, number }): unknown => {
      try {
        return JSON.parse(line);
      } catch (error) {
        const reason = number === 1 ? whole : error;
        const message = reason instanceof Error ? reason.message : String(reason);
        throw unusable(`${path} line ${number}: not valid JSON (${message}).`);
      }
    });
}

function asChat(document: unknown, place: string): Chat {
  const row = asJsonObject(document);
  const list = row && Object.hasOwn(row, 'messages') ? row['messages'] : document;
  if (!Array.isArray(list) || list.length === 0 || !list.every(isMessage)) {
    throw unusable(`${place}: this is not a list of messages with a role and a text as content.`);
  }
  const asked = row?.['add_generation_prompt'];
  return {
    messages: list.map(({ role, content }) => ({ role, content })),
    addGenerationPrompt: typeof asked === 'boolean' ? asked : null,
  };
}

function isMessage(value: unknown): value is ChatMessage {
  const message = asJsonObject(value);
  return typeof message?.['role'] === 'string' && typeof message['content'] === 'string';
}

function readText(path: string): string {
  try {
    if (statSync(path).size <= MAX_FILE_BYTES) {
      return readFileSync(path, 'utf8').replace(/^\ufeff/, '');
    }
  } catch (error) {
    throw unreadableFile(path, error);
  }
  throw unusable(`${path} is larger than 64 MiB.`);
}

function unusable(message: string): StudioError {
  return new StudioError(
    'data-invalid',
    message,
    'Give [{"role": "user", "content": "..."}, ...], or rows {"messages": [...]}, as JSON or JSONL.',
  );
}

/** One line per token: number, id, whether it is trained on, text. */
function asTable({ text, ids, offsets, completionMask }: TokenizedInput): string {
  const rows = ids.map((id, index) => {
    const [from, to] = offsets[index]!;
    const trained = completionMask === undefined ? '' : completionMask[index] === 1 ? 'yes' : 'no';
    return [String(index), String(id), trained, JSON.stringify(text.slice(from, to))];
  });
  const answer = completionMask?.reduce((sum, entry) => sum + entry, 0);
  const counts = answer === undefined ? '' : `, ${answer} of them trained on`;
  const heading = ['position', 'id', completionMask ? 'trained' : '', 'text'];
  return `${formatTable([heading, ...rows])}\n${ids.length} tokens${counts}`;
}
