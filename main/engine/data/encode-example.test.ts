import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../tokenizer/chat-template.ts';
import { loadTokenizer } from '../tokenizer/tokenizer.ts';
import { measuredPositions } from './batch.ts';
import { encodeConversation, encodeExample, firstExchange, strip } from './encode-example.ts';
import { countAnswerTokens } from './example.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const tokenizer = loadTokenizer(join(FIXTURES, 'tokenizer'));
const read = (path: string) => JSON.parse(readFileSync(join(FIXTURES, path), 'utf8')) as never;
const fixture: {
  conversations: {
    messages: ChatMessage[];
    ids: number[];
    completion_mask?: number[];
    prompt_is_prefix?: boolean;
  }[];
  stage1_encoding: {
    messages: ChatMessage[];
    system: string | null;
    ids: number[];
    completion_mask: number[];
  }[];
} = read('tokenizer/tokenizer_cases.json');

const of = (messages: ChatMessage[]) => ({
  kind: 'conversation' as const,
  id: 0,
  row: 0,
  messages,
});
const exchange = (prompt: string, answer: string) =>
  of([
    { role: 'user', content: prompt },
    { role: 'assistant', content: answer },
  ]);
const training = { systemPrompt: null, maxLength: 4096, lossOn: 'completion' } as const;

describe('the training form', () => {
  it("is the reference's stage 1, with and without system prompt", () => {
    expect(fixture.stage1_encoding).toHaveLength(12);
    for (const { messages, system, ids, completion_mask } of fixture.stage1_encoding) {
      const options = { ...training, systemPrompt: system };
      const example = encodeExample(of(messages), tokenizer, options);
      expect([...example.ids]).toEqual(ids);
      expect([...example.completionMask]).toEqual(completion_mask);
      expect(example).toMatchObject({ truncated: false, promptIsPrefix: true });
    }
  });

  it('strips the answer as Python does and ends with the end-of-answer token', () => {
    const example = encodeExample(exchange('q', '\u0085\n 4\u001f\ufeff '), tokenizer, training);
    expect(tokenizer.decode(example.ids)).toContain('assistant\n4\u001f\ufeff<|im_end|>');
    expect(strip(' \u00a0a b\u3000\n')).toBe('a b');
  });

  it('takes the last answer only, earlier ones are prompt', () => {
    const messages = [...exchange('One?', 'Two.').messages, ...exchange('Three?', 'Four').messages];
    const example = encodeExample(of(messages), tokenizer, training);
    const answer = [...example.ids].filter((_, t) => example.completionMask[t] === 1);
    expect(tokenizer.decode(answer)).toBe('Four<|im_end|>');
    expect(tokenizer.decode(example.ids)).toContain('Two.<|im_end|>\n');
  });

  it("keeps a conversation's own system prompt", () => {
    const own = [{ role: 'system', content: 'own' }, ...exchange('a', 'b').messages];
    const example = encodeExample(of(own), tokenizer, { ...training, systemPrompt: 'other' });
    expect(tokenizer.decode(example.ids)).toMatch(/^<\|im_start\|>system\nown<\|im_end\|>/);
    expect(tokenizer.decode(example.ids)).not.toContain('other');
  });

  it('cuts at the limit and says so', () => {
    const whole = encodeExample(exchange('What is 2 + 2?', '4'), tokenizer, training);
    const cut = encodeExample(exchange('What is 2 + 2?', '4'), tokenizer, {
      ...training,
      maxLength: 10,
    });
    expect(cut.ids).toEqual(whole.ids.slice(0, 10));
    expect(cut).toMatchObject({ truncated: true, fullLength: whole.ids.length });
    expect(countAnswerTokens(cut)).toBe(0);
  });

  it('with the loss on all is the whole conversation, every token', () => {
    const expected = fixture.conversations.find((c) => c.completion_mask !== undefined)!;
    const example = encodeExample(of(expected.messages), tokenizer, { ...training, lossOn: 'all' });
    expect([...example.ids]).toEqual(expected.ids);
    expect(countAnswerTokens(example)).toBe(expected.ids.length - 1);
  });

  it('finds the answer by offsets where it shares a token with the prompt', () => {
    // "\n" of the prompt and "\n\n" of the answer become "\n\n" + "\n"; strip() spares training that.
    const odd = exchange('q', '\n\nkept');
    expect(encodeExample(odd, tokenizer, training).promptIsPrefix).toBe(true);
    const example = encodeConversation(odd, tokenizer, training);
    const { starts } = tokenizer.encodeWithOffsets(tokenizer.decode(example.ids));
    const border = tokenizer.decode(example.ids).indexOf('assistant\n') + 'assistant\n'.length;
    expect(example.promptIsPrefix).toBe(false);
    expect([...example.completionMask]).toEqual([...starts].map((s) => (s >= border ? 1 : 0)));
  });
});

describe('the conversation form', () => {
  it("has the reference's ids and masks", () => {
    const answered = fixture.conversations.filter((c) => c.completion_mask !== undefined);
    expect(answered.length).toBeGreaterThan(5);
    for (const { messages, ids, completion_mask, prompt_is_prefix } of answered) {
      const example = encodeConversation(of(messages), tokenizer, training);
      expect([...example.ids]).toEqual(ids);
      expect([...example.completionMask]).toEqual(completion_mask);
      expect(example.promptIsPrefix).toBe(prompt_is_prefix);
    }
  });

  it('measures the positions that the entropy fixture names, in both alignments', () => {
    const spans: {
      idx: number;
      ids: number[];
      reference_start: number;
      completion_start: number;
    }[] = read('data/entropy_spans.json');
    const lines = readFileSync(join(FIXTURES, 'data/train.jsonl'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(spans.length);
    for (const span of spans) {
      const { messages } = JSON.parse(lines[span.idx]!) as { messages: ChatMessage[] };
      const example = encodeConversation(firstExchange(of(messages)), tokenizer, training);
      expect([...example.ids]).toEqual(span.ids);
      const range = (from: number, to: number) =>
        Array.from({ length: to - from }, (_, index) => from + index);
      const length = span.ids.length;
      expect([...measuredPositions(example, 'reference')]).toEqual(
        range(span.reference_start, length),
      );
      expect([...measuredPositions(example, 'predicting')]).toEqual(
        range(span.completion_start - 1, length - 1),
      );
    }
  });

  it('of the first exchange drops the system prompt and later turns', () => {
    const { messages } = exchange('a', 'b');
    const long = [{ role: 'system', content: 's' }, ...messages, ...exchange('c', 'd').messages];
    expect(firstExchange(of(long)).messages).toEqual(messages);
    expect(() => firstExchange(of(messages.slice(1)))).toThrow(/no user message with an answer/);
  });
});
