import { describe, expect, it } from 'vitest';
import { recogniseRow } from './recognise.ts';

const row = (value: Record<string, unknown>) => ({
  row: 4,
  line: 5,
  place: 'train.jsonl line 5',
  value,
});
const exchange = (prompt: string, answer: string) => [
  { role: 'user', content: prompt },
  { role: 'assistant', content: answer },
];

describe('a row is recognised as', () => {
  const cases: [string, Record<string, unknown>, unknown][] = [
    ['messages', { messages: exchange('a', 'b') }, exchange('a', 'b')],
    [
      'messages written as JSON text',
      { messages: JSON.stringify(exchange('a', 'b')) },
      exchange('a', 'b'),
    ],
    [
      'messages with parts',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'a' },
              { type: 'text', text: 'c' },
            ],
          },
          ...exchange('', 'b').slice(1),
        ],
      },
      exchange('ac', 'b'),
    ],
    ['prompt and completion', { prompt: 'a', completion: 'b' }, exchange('a', 'b')],
    [
      'conversational prompt and completion',
      {
        prompt: [
          { role: 'system', content: 's' },
          { role: 'user', content: 'a' },
        ],
        completion: [{ role: 'assistant', content: 'b' }],
      },
      [{ role: 'system', content: 's' }, ...exchange('a', 'b')],
    ],
    ['instruction and output', { instruction: 'a', output: 'b' }, exchange('a', 'b')],
    [
      'instruction, input and output',
      { instruction: 'a', input: 'i', output: 'b' },
      exchange('a\ni', 'b'),
    ],
    [
      'instruction with an empty input',
      { instruction: 'a', input: '', output: 'b' },
      exchange('a', 'b'),
    ],
    ['question and answer', { question: 'a', answer: 'b #### 72' }, exchange('a', 'b #### 72')],
    ['a number as an answer', { question: 'a', answer: 72 }, exchange('a', '72')],
  ];
  for (const [name, value, messages] of cases) {
    it(name, () => {
      expect(recogniseRow(row(value))).toEqual({ kind: 'conversation', id: 4, row: 4, messages });
    });
  }

  it('columns the user chose', () => {
    const value = { problem: 'a', context: 'i', solution: 'b', key: 'k', messages: 'not these' };
    const columns = { prompt: 'problem', input: 'context', completion: 'solution', id: 'key' };
    expect(recogniseRow(row(value), columns)).toMatchObject({
      id: 'k',
      messages: exchange('a\ni', 'b'),
    });
    expect(recogniseRow(row({ chat: exchange('a', 'b') }), { messages: 'chat' })).toMatchObject({
      messages: exchange('a', 'b'),
    });
    expect(() => recogniseRow(row(value), { prompt: 'problen', completion: 'solution' })).toThrow(
      'train.jsonl line 5: there is no field "problen" (data.columns.prompt); it has the fields problem, context, solution, key, messages.',
    );
  });

  it('tokens that are already there', () => {
    const tokens = recogniseRow(row({ idx: 7, ids: [1, 2, 3], completionMask: [0, 1, true] }));
    expect(tokens).toEqual({
      kind: 'tokens',
      id: 7,
      row: 4,
      ids: Int32Array.of(1, 2, 3),
      completionMask: Uint8Array.of(0, 1, 1),
    });
  });

  it('a row with the id it has', () => {
    expect(recogniseRow(row({ id: 'x', idx: 3, question: 'a', answer: 'b' })).id).toBe('x');
    expect(recogniseRow(row({ idx: 0, question: 'a', answer: 'b' })).id).toBe(0);
  });
});

describe('a row is refused', () => {
  const cases: [string, Record<string, unknown>, RegExp][] = [
    [
      'without a known form',
      { text: 'a', label: 1 },
      /no form of training data is recognised; it has the fields text, label/,
    ],
    ['without fields', {}, /\(none\)/],
    ['with null instead of an answer', { question: 'a', answer: null }, /no form/],
    ['whose answer is an object', { question: 'a', answer: {} }, /"answer" is not a text/],
    [
      'that ends with the user',
      { messages: exchange('a', 'b').slice(0, 1) },
      /is from user, not an answer/,
    ],
    ['without messages', { messages: [] }, /not a list of messages/],
    [
      'whose message has no role',
      { messages: [{ content: 'a' }] },
      /message 1 in "messages" has no role/,
    ],
    [
      'whose message has no content',
      { messages: [{ role: 'user', content: null }] },
      /content of message 1/,
    ],
    [
      'that calls tools',
      { messages: [{ role: 'assistant', content: '', tool_calls: [{}] }] },
      /calls tools/,
    ],
    ['with masks of another length', { ids: [1], completionMask: [] }, /of one length/],
    [
      'with ids that are none',
      { ids: [1.5], completionMask: [1] },
      /something else than token ids/,
    ],
    ['with masks that are none', { ids: [1], completionMask: [2] }, /something else than 0 and 1/],
    [
      'with only inherited names',
      JSON.parse('{"__proto__": {"question": "a", "answer": "b"}}'),
      /no form/,
    ],
  ];
  for (const [name, value, message] of cases) {
    it(name, () => {
      expect(() => recogniseRow(row(value))).toThrow(message);
      expect(() => recogniseRow(row(value))).toThrow(/^train\.jsonl line 5: /);
    });
  }
});
