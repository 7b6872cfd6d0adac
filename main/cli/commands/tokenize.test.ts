import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tokenize } from './tokenize.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/tokenizer');
interface Case {
  text?: string;
  ids: number[];
  messages: { role: string; content: string }[];
  system: string | null;
  completion_mask?: number[];
  add_generation_prompt?: boolean;
}
const fixture = JSON.parse(readFileSync(join(FIXTURES, 'tokenizer_cases.json'), 'utf8')) as Record<
  'cases' | 'conversations' | 'stage1_encoding',
  Case[]
>;

const folder = mkdtempSync(join(tmpdir(), 'tokenize-'));
const file = join(folder, 'messages');
let printed = '';
beforeEach(() => {
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed += String(chunk);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...args: string[]): Promise<Record<string, unknown>[]> {
  expect(await tokenize(['--model', FIXTURES, '--json', ...args])).toBe(0);
  const results = JSON.parse(printed) as Record<string, unknown>[];
  printed = '';
  return results;
}
const messages = (content: unknown, ...args: string[]) => {
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return run('--messages', file, ...args);
};

describe('wds tokenize', () => {
  it('gives the ids, tokens and offsets of texts', async () => {
    const texts = fixture.cases.filter(({ text }) => text !== '' && !text!.startsWith('--'));
    const results = await run(...texts.flatMap(({ text }) => [`--text=${text}`]));
    expect(results.map(({ ids }) => ids)).toEqual(texts.map(({ ids }) => ids));
    const [hello] = await run('--text', 'Hello  w');
    expect(hello).toEqual({
      text: 'Hello  w',
      ids: [39, 419, 471, 220, 326],
      tokens: ['H', 'el', 'lo', 'Ġ', 'Ġw'],
      offsets: [
        [0, 1],
        [1, 3],
        [3, 5],
        [5, 6],
        [6, 8],
      ],
    });
  });

  it('gives the masks of conversations, from JSON and JSONL', async () => {
    const { conversations } = fixture;
    const expected = conversations.map((chat) => [chat.ids, chat.completion_mask]);
    const jsonl = conversations.map((chat) => JSON.stringify(chat)).join('\r\n');
    for (const content of [conversations, jsonl]) {
      const results = await messages(content);
      expect(results.map((r) => [r['ids'], r['completionMask']])).toEqual(expected);
    }
    const single = await messages(conversations[3]!.messages);
    expect(single).toHaveLength(1);
    expect(single[0]).toMatchObject({ ids: conversations[3]!.ids, promptIsPrefix: true });
  });

  it('gives the training form', async () => {
    const chats = fixture.stage1_encoding.map(({ messages, system }) =>
      system === null ? messages : [{ role: 'system', content: system }, ...messages],
    );
    const results = await messages(chats, '--form', 'training');
    expect(results.map((r) => [r['ids'], r['completionMask']])).toEqual(
      fixture.stage1_encoding.map((chat) => [chat.ids, chat.completion_mask]),
    );
  });

  it('prints a table for people', async () => {
    writeFileSync(file, JSON.stringify(fixture.conversations[3]!.messages));
    expect(await tokenize(['--model', FIXTURES, '--messages', file])).toBe(0);
    expect(printed).toMatch(/^position +id +trained +text\n0 +508 +no +"<\|im_start\|>"\n/);
    expect(printed).toMatch(/49 tokens, 26 of them trained on\n$/);
  });

  it('refuses what it cannot use', async () => {
    const model = ['--model', FIXTURES];
    await expect(tokenize(model)).rejects.toThrow(/either --text or --messages/);
    await expect(tokenize([...model, '--text', 'a', '--form', 'x'])).rejects.toThrow(/not "x"/);
    await expect(tokenize(['--model', folder, '--text', 'a'])).rejects.toThrow(
      /tokenizer\.json does not exist/,
    );
    await expect(messages('{"messages": [')).rejects.toThrow(/line 1: not valid JSON/);
    await expect(messages('[{"role": "user", "content": "a"}]\n{bad')).rejects.toThrow(/line 2/);
    await expect(messages([{ role: 'user' }])).rejects.toThrow(
      /conversation 1: this is not a list/,
    );
    await expect(messages([])).rejects.toThrow(/not a list of messages/);
    await expect(run('--messages', join(folder, 'absent'))).rejects.toThrow(/does not exist/);
  });
});
