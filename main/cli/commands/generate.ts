/**
 * `wds generate`: a model's answers. A prompt is a user's turn in the model's chat template; `--raw`
 * takes it as it is. One prompt on a terminal is printed token by token.
 */
import { readFileSync } from 'node:fs';
import { StudioError } from '../../contract/errors.ts';
import { asJsonObject, unreadableFile } from '../../engine/checkpoint/read-json-file.ts';
import { openGenerator } from '../../engine/model/generate.ts';
import type { ChatMessage } from '../../engine/tokenizer/chat-template.ts';
import { loadTokenizer, type Tokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { modelSource, type ModelSource } from '../../engine/train/model-source.ts';
import type { CommandSpec, ParsedArguments } from '../arguments.ts';
import { parseArguments, usage } from '../arguments.ts';

export const generateSpec: CommandSpec = {
  name: 'generate',
  usage: '--model DIR (--prompt S | --prompts FILE) [options]',
  summary: 'Lets a model answer prompts.',
  options: {
    model: { value: 'DIR', help: 'model folder, or the folder of an adapter checkpoint' },
    adapter: { value: 'DIR', help: 'LoRA adapter in PEFT layout, put on top of the model' },
    prompt: { value: 'S', repeated: true, help: "a prompt: the user's turn" },
    prompts: {
      value: 'FILE',
      help: 'JSON or JSONL: texts, {prompt}, {messages} or lists of {role, content}',
    },
    system: { value: 'S', help: 'system prompt put before each prompt' },
    raw: { help: 'take prompts as they are, without the chat template' },
    'max-new-tokens': { value: 'N', help: 'at most so many tokens each (default 256)' },
    temperature: { value: 'T', help: '0 is greedy (default)' },
    'top-p': { value: 'P', help: 'nucleus of this mass (default 1: all tokens)' },
    'top-k': { value: 'K', help: 'only the k most likely tokens (default 0: all)' },
    seed: { value: 'N', help: 'of the random draws (default 42)' },
    precision: { value: 'f32|bf16', help: 'of weights and products (default f32)' },
    json: { help: 'one JSON document on stdout: [{prompt, ids, text, finishReason}]' },
  },
};

interface Prompt {
  /** As the user gave it. */
  shown: string;
  ids: number[];
}

export async function generate(args: string[]): Promise<number> {
  const given = parseArguments(generateSpec, args);
  const source = chosenModel(given);
  const precision = given.value('precision') ?? 'f32';
  if (precision !== 'f32' && precision !== 'bf16') {
    throw usage(generateSpec, `--precision is f32 or bf16, not "${precision}".`);
  }
  const seed = given.number('seed') ?? 42;
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw usage(generateSpec, '--seed must be a whole number from 0 on.');
  }
  const tokenizer = loadTokenizer(source.base);
  const prompts = readPrompts(given, tokenizer);
  const generator = await openGenerator({
    modelDir: source.base,
    ...(source.adapter && { adapterDir: source.adapter }),
    precision: { weights: precision, compute: precision },
  });
  try {
    const json = given.has('json');
    const streams = !json && prompts.length === 1 && process.stdout.isTTY;
    const stream = textStream(tokenizer);
    const results = await generator.generate(
      prompts.map(({ ids }) => ids),
      {
        maxNewTokens: given.number('max-new-tokens') ?? 256,
        temperature: given.number('temperature') ?? 0,
        topP: given.number('top-p') ?? 1,
        topK: given.number('top-k') ?? 0,
        seed,
        stopIds: tokenizer.stopIds,
        ...(streams && { onToken: (_: number, id: number) => stream.push(id) }),
      },
    );
    const answers = results.map(({ ids, finishReason }, index) => ({
      prompt: prompts[index]!.shown,
      ids,
      text: tokenizer.decode(ids, { skipSpecialTokens: true }),
      finishReason,
    }));
    if (json) console.log(JSON.stringify(answers));
    else if (streams) stream.end();
    else
      for (const [index, { text }] of answers.entries()) printAnswer(text, index, answers.length);
    return 0;
  } finally {
    generator.close();
  }
}

function chosenModel(given: ParsedArguments): ModelSource {
  const model = modelSource(given.required('model'));
  const adapter = given.value('adapter');
  if (adapter === undefined) return model;
  if (model.adapter) {
    throw usage(generateSpec, '--model is an adapter already; give its base model with --adapter.');
  }
  return { base: model.base, adapter: modelSource(adapter, model.base).adapter };
}

function readPrompts(given: ParsedArguments, tokenizer: Tokenizer): Prompt[] {
  const file = given.value('prompts');
  const texts = given.values('prompt');
  if ((file === undefined) === (texts.length === 0)) {
    throw usage(generateSpec, 'Give either --prompt or --prompts.');
  }
  const raw = given.has('raw');
  const system = given.value('system');
  if (raw && system !== undefined) {
    throw usage(generateSpec, '--system needs the chat template; leave out --raw.');
  }
  const entries: (string | ChatMessage[])[] = file === undefined ? texts : readEntries(file);
  return entries.map((entry) => {
    if (raw && typeof entry === 'string') return { shown: entry, ids: tokenizer.encode(entry) };
    const messages = typeof entry === 'string' ? [{ role: 'user', content: entry }] : entry;
    const whole =
      system === undefined || messages[0]?.role === 'system'
        ? messages
        : [{ role: 'system', content: system }, ...messages];
    const text = tokenizer.renderChat(whole, { addGenerationPrompt: true });
    const shown = typeof entry === 'string' ? entry : text;
    return { shown, ids: tokenizer.encode(text) };
  });
}

function readEntries(path: string): (string | ChatMessage[])[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replace(/^\ufeff/, '');
  } catch (error) {
    throw unreadableFile(path, error);
  }
  const entries = documents(path, text).map((document, index) => {
    const entry = asEntry(document);
    if (entry === null) throw unusable(`${path}, entry ${index + 1}: this is no prompt.`);
    return entry;
  });
  if (entries.length === 0) throw unusable(`${path} holds no prompts.`);
  return entries;
}

/** The elements of a JSON list, or one document per line. */
function documents(path: string, text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    const several = Array.isArray(value) && !value.every(isMessage);
    return several ? (value as unknown[]) : [value];
  } catch {
    const lines = text.split('\n').map((line, index) => ({ line: line.trim(), number: index + 1 }));
    return lines.flatMap(({ line, number }): unknown[] => {
      if (line === '') return [];
      try {
        return [JSON.parse(line)];
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw unusable(`${path} line ${number}: not valid JSON (${reason}).`);
      }
    });
  }
}

function asEntry(document: unknown): string | ChatMessage[] | null {
  if (typeof document === 'string') return document;
  const row = asJsonObject(document);
  if (typeof row?.['prompt'] === 'string') return row['prompt'];
  const list = row ? row['messages'] : document;
  if (!Array.isArray(list) || list.length === 0 || !list.every(isMessage)) return null;
  return list.map(({ role, content }) => ({ role, content }));
}

function isMessage(value: unknown): value is ChatMessage {
  const message = asJsonObject(value);
  return typeof message?.['role'] === 'string' && typeof message['content'] === 'string';
}

function unusable(message: string): StudioError {
  return new StudioError(
    'data-invalid',
    message,
    'Give texts, {"prompt": "..."} or {"messages": [...]}, as a JSON list or as JSONL.',
  );
}

function printAnswer(text: string, index: number, count: number): void {
  if (count > 1) console.log(`${index === 0 ? '' : '\n'}[${index + 1} of ${count}]`);
  console.log(withoutControls(text));
}

/** Prints text as its tokens come; the bytes of a character may be spread over several. */
function textStream(tokenizer: Tokenizer): { push(id: number): void; end(): void } {
  const ids: number[] = [];
  let printed = 0;
  const print = (final: boolean): void => {
    const text = tokenizer.decode(ids, { skipSpecialTokens: true });
    const safe = final ? text : text.replace(/\ufffd+$/, '');
    process.stdout.write(withoutControls(safe.slice(printed)));
    printed = Math.max(printed, safe.length);
  };
  return {
    push(id) {
      ids.push(id);
      print(false);
    },
    end() {
      print(true);
      process.stdout.write('\n');
    },
  };
}

/** A model may write escape sequences; a terminal is not to obey them. */
function withoutControls(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}
