import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StudioError } from '../../contract/errors.ts';
import type { ChatMessage } from './chat-template.ts';
import { createChatTemplate, loadChatTemplate } from './chat-template.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/tokenizer');
const read = (name: string) => JSON.parse(readFileSync(join(FIXTURES, name), 'utf8')) as never;

interface Rendered {
  messages: ChatMessage[];
  add_generation_prompt: boolean;
  enable_thinking?: boolean | null;
  text: string;
}

describe('a chat template', () => {
  it('renders every conversation of the reference', () => {
    const fixture: { chat_template: string; conversations: Rendered[] } =
      read('tokenizer_cases.json');
    const template = createChatTemplate(fixture.chat_template);
    for (const { messages, add_generation_prompt, text } of fixture.conversations) {
      const options = { addGenerationPrompt: add_generation_prompt };
      expect(template.render(messages, options)).toBe(text);
    }
  });

  it('with namespaces, loops, filters and blocks renders as in jinja2', () => {
    const fixture: { template: string; cases: Rendered[] } = read('template_cases.json');
    const template = createChatTemplate(fixture.template);
    expect(fixture.cases).toHaveLength(20);
    for (const { messages, add_generation_prompt, enable_thinking, text } of fixture.cases) {
      const rendered = template.render(messages, {
        addGenerationPrompt: add_generation_prompt,
        ...(typeof enable_thinking === 'boolean' ? { enableThinking: enable_thinking } : {}),
      });
      expect(rendered).toBe(text);
    }
  });

  it('is found as a file, as a text, and in a list of named templates', () => {
    const folder = mkdtempSync(join(tmpdir(), 'template-'));
    const load = (config: Record<string, unknown>) => loadChatTemplate(folder, config);
    expect(load({})).toBeNull();
    expect(load({ chat_template: 'text' })?.render([])).toBe('text');
    const named = [
      { name: 'tool_use', template: 'tools' },
      { name: 'default', template: '{{ eos_token }}' },
    ];
    const eos = { content: '<end>' };
    expect(load({ chat_template: named, eos_token: eos })?.render([])).toBe('<end>');
    expect(() => load({ chat_template: named.slice(0, 1) })).toThrow(/named "default"/);
    writeFileSync(join(folder, 'chat_template.jinja'), 'file\n');
    expect(load({ chat_template: 'text' })?.render([])).toBe('file');
    rmSync(folder, { recursive: true });
  });

  it("passes on the template's own refusals", () => {
    const fixture: { chat_template: string } = read('tokenizer_cases.json');
    const template = createChatTemplate(fixture.chat_template);
    expect(() => template.render([{ role: 'tool', content: '' }])).toThrow(
      /Unsupported role: tool/,
    );
  });
});

describe('a hostile template', () => {
  const render = (source: string) => () =>
    createChatTemplate(source).render([{ role: 'user', content: 'hi' }]);
  const nested = (levels: number) => `{{ ${'('.repeat(levels)}1${')'.repeat(levels)} }}`;
  const doubled = (times: number, start: string, operator: string) =>
    `{% set n = namespace(x=${start}) %}{% for i in range(${times}) %}{% set n.x = n.x ${operator} n.x %}{% endfor %}`;

  const cases: [string, string, RegExp][] = [
    [
      'loops for ever',
      '{% for i in range(9999) %}{% for j in range(9999) %}{% set x = j %}{% endfor %}{% endfor %}',
      /more than 250000 steps|seconds/,
    ],
    ['asks for a long range', '{{ range(100000000) }}', /range\(\) for 100000000 numbers/],
    ['doubles a text', `${doubled(60, "'abc'", '+')}{{ n.x }}`, /longer than|too much memory/],
    ['doubles a list', doubled(60, '[1, 2]', '+'), /too much memory|longer/],
    ['nests parentheses', nested(50_000), /stack|cannot be used/],
    ['is too long', ' '.repeat(300_000), /more than 262144/],
    ['has the date in it', "{{ strftime_now('%Y') }}", /today's date/],
    ['is not Jinja', '{% if %}', /cannot be used/],
    [
      'writes a list within lists out',
      `{% set n = namespace(x=[1]) %}{% for i in range(40) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x | tojson }}`,
      /seconds|string length|longer/,
    ],
    ['makes parsing slow', `${' '.repeat(200_000)}{`, /seconds|cannot be used/],
  ];
  for (const [name, source, message] of cases) {
    it(`is stopped when it ${name}`, () => {
      let caught: unknown;
      try {
        render(source)();
      } catch (error) {
        caught = error;
      }
      expect(caught).toBeInstanceOf(StudioError);
      expect((caught as StudioError).message).toMatch(message);
    });
  }

  it('reaches nothing of JavaScript', () => {
    for (const probe of [
      '{{ messages.constructor }}',
      "{{ messages['__proto__'] }}",
      "{{ ''.constructor.constructor }}",
      '{{ raise_exception.constructor }}',
      '{{ process }}{{ require }}{{ globalThis }}{{ this }}',
      "{{ messages[0]['__proto__']['polluted'] }}",
    ]) {
      let text = '';
      try {
        text = createChatTemplate(probe).render([{ role: 'user', content: 'hi' }]);
      } catch (error) {
        expect(error).toBeInstanceOf(StudioError);
      }
      expect(text).not.toMatch(/function|object|native/i);
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('leaves the next render unharmed', () => {
    expect(render('{{ raise_exception("no") }}')).toThrow(/it says: no/);
    expect(render('{{ messages[0].content }}')()).toBe('hi');
  });
});
