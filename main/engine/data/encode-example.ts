/**
 * A conversation as tokens with the mask of its answer, in two forms.
 * Training form (the reference's stage 1): the chat prompt with generation prompt, then the stripped
 * answer and the end-of-answer token, without the template's newline, tokenised as one text. Earlier
 * assistant turns belong to the prompt. Loss on everything (the reference's stages 2 and 3): the whole
 * conversation through the template, every token a target.
 * Conversation form (its entropy pass): the whole conversation through the template, final newline
 * included; the answer is what follows the generation prompt.
 * The mask begins after as many tokens as the prompt has on its own, as in trl. Where these are not
 * the text's first tokens (BPE merged across the border), it begins with the first token that starts
 * in the answer, and the example says so.
 */
import { StudioError } from '../../contract/errors.ts';
import type { ChatMessage } from '../tokenizer/chat-template.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { Example } from './example.ts';
import type { Conversation } from './recognise.ts';

export interface EncodeOptions {
  /** Put in front of conversations that have no system message of their own. */
  systemPrompt: string | null;
  /** Tokens beyond are cut off. */
  maxLength: number;
}

export interface TrainingOptions extends EncodeOptions {
  lossOn: 'completion' | 'all';
}

type Source = Pick<Conversation, 'id' | 'row' | 'messages'>;

/** A text to tokenise whose beginning is the prompt; the rest is the answer. */
export interface PromptedText {
  prompt: string;
  text: string;
}

/** Training form. @throws template-invalid */
export function trainingText(messages: readonly ChatMessage[], tokenizer: Tokenizer): PromptedText {
  const prompt = tokenizer.renderChat(messages.slice(0, -1), { addGenerationPrompt: true });
  const answer = strip(messages.at(-1)?.content ?? '') + tokenizer.eosToken;
  return { prompt, text: prompt + answer };
}

/** Conversation form. @throws template-invalid */
export function conversationText(
  messages: readonly ChatMessage[],
  tokenizer: Tokenizer,
): PromptedText {
  const prompt = tokenizer.renderChat(messages.slice(0, -1), { addGenerationPrompt: true });
  return { prompt, text: tokenizer.renderChat(messages) };
}

/** Training form as tokens; the whole conversation for lossOn `all`. @throws template-invalid */
export function encodeExample(
  conversation: Source,
  tokenizer: Tokenizer,
  options: TrainingOptions,
): Example {
  if (options.lossOn === 'all') {
    const example = encodeConversation(conversation, tokenizer, options);
    return { ...example, completionMask: example.completionMask.fill(1) };
  }
  const messages = withSystemPrompt(conversation.messages, options.systemPrompt);
  const tokens = maskTokens(tokenizer, trainingText(messages, tokenizer));
  return finish(conversation, tokens, options.maxLength);
}

/** Conversation form as tokens, with `referenceStart`. @throws template-invalid */
export function encodeConversation(
  conversation: Source,
  tokenizer: Tokenizer,
  options: EncodeOptions,
): Example {
  const messages = withSystemPrompt(conversation.messages, options.systemPrompt);
  const tokens = maskTokens(tokenizer, conversationText(messages, tokenizer));
  const example = finish(conversation, tokens, options.maxLength);
  const turn = tokenizer.encode(tokenizer.renderChat(messages.slice(0, -1))).length;
  return { ...example, referenceStart: Math.min(turn, example.ids.length) };
}

/**
 * What the reference's entropy pass looks at: the first user message and the assistant message after
 * it, without a system prompt. @throws data-invalid when there is no such pair
 */
export function firstExchange(conversation: Conversation): Conversation {
  const { messages } = conversation;
  const user = messages.find((message) => message.role === 'user');
  const answer = messages.find((message) => message.role === 'assistant');
  if (user && answer) return { ...conversation, messages: [user, answer] };
  throw new StudioError(
    'data-invalid',
    `Row ${conversation.row} has no user message with an answer.`,
    "The reference's entropy needs both. Use entropyAlignment: predicting for this data.",
  );
}

export interface MaskedTokens {
  ids: number[];
  completionMask: Uint8Array;
  promptIsPrefix: boolean;
}

/** The ids of a text and which of them belong to the answer. */
export function maskTokens(tokenizer: Tokenizer, { prompt, text }: PromptedText): MaskedTokens {
  const promptIds = tokenizer.encode(prompt);
  const ids = tokenizer.encode(text);
  const promptIsPrefix = promptIds.every((id, index) => ids[index] === id);
  let start = promptIds.length;
  if (!promptIsPrefix && text.startsWith(prompt)) {
    const { starts } = tokenizer.encodeWithOffsets(text);
    start = starts.findIndex((position) => position >= prompt.length);
    if (start === -1) start = ids.length;
  }
  const completionMask = new Uint8Array(ids.length).fill(1, start);
  return { ids, completionMask, promptIsPrefix };
}

function finish(source: Source, tokens: MaskedTokens, maxLength: number): Example {
  const length = Math.min(tokens.ids.length, maxLength);
  return {
    id: source.id,
    row: source.row,
    ids: Int32Array.from(tokens.ids.slice(0, length)),
    completionMask: tokens.completionMask.slice(0, length),
    fullLength: tokens.ids.length,
    truncated: tokens.ids.length > maxLength,
    promptIsPrefix: tokens.promptIsPrefix,
  };
}

function withSystemPrompt(messages: readonly ChatMessage[], systemPrompt: string | null) {
  const has = messages.some((message) => message.role === 'system');
  return systemPrompt === null || has
    ? [...messages]
    : [{ role: 'system', content: systemPrompt }, ...messages];
}

/** Python's `str.strip()`, which knows other white space than JavaScript's `trim()`. */
export function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && WHITE_SPACE.test(text[start]!)) start++;
  while (end > start && WHITE_SPACE.test(text[end - 1]!)) end--;
  return text.slice(start, end);
}

// oxlint-disable-next-line no-control-regex -- these control characters are white space in Python
const WHITE_SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
