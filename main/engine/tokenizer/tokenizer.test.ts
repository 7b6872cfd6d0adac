import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StudioError } from '../../contract/errors.ts';
import { loadTokenizer } from './tokenizer.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/tokenizer');

interface Case {
  text: string;
  ids: number[];
  tokens: string[];
  decoded: string;
  decoded_skip_special: string;
}
const fixture = JSON.parse(readFileSync(join(FIXTURES, 'tokenizer_cases.json'), 'utf8')) as {
  vocab_size: number;
  cases: Case[];
  conversations: { text: string; ids: number[] }[];
};
const offsets = JSON.parse(readFileSync(join(FIXTURES, 'offset_cases.json'), 'utf8')) as {
  cases: { text: string; ids: number[]; offsets: [number, number][] }[];
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokenizer-'));
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) {
    cpSync(join(FIXTURES, name), join(folder, name));
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

function useStringMerges(): void {
  cpSync(join(FIXTURES, 'tokenizer.string-merges.json'), join(folder, 'tokenizer.json'));
}

type Json = Record<string, unknown>;
function edit(file: string, change: (value: Json) => void): void {
  const path = join(folder, file);
  const value = JSON.parse(readFileSync(path, 'utf8')) as Json;
  change(value);
  writeFileSync(path, JSON.stringify(value));
}
const part = (value: unknown) => value as Json;

describe('encode and decode', () => {
  for (const merges of ['pairs', 'strings']) {
    it(`gives the reference's ids and texts for every case, merges as ${merges}`, () => {
      if (merges === 'strings') useStringMerges();
      const tokenizer = loadTokenizer(folder);
      expect(fixture.cases.length).toBeGreaterThan(80);
      for (const { text, ids, tokens, decoded, decoded_skip_special } of fixture.cases) {
        expect(tokenizer.encode(text), text).toEqual(ids);
        expect(
          ids.map((id) => tokenizer.token(id)),
          text,
        ).toEqual(tokens);
        expect(tokenizer.decode(ids), text).toBe(decoded);
        expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe(decoded_skip_special);
      }
      for (const { text, ids } of fixture.conversations) {
        expect(tokenizer.encode(text), text).toEqual(ids);
      }
    });
  }

  it('gives the same ids when asked again, and from a text that is longer than the cache', () => {
    const tokenizer = loadTokenizer(folder);
    const long = `${'one two three '.repeat(2000)}${'a'.repeat(300)}`;
    const first = tokenizer.encode(long);
    expect(tokenizer.encode(long)).toEqual(first);
    expect(tokenizer.decode(first)).toBe(long);
  });

  it('turns broken UTF-8 and unknown ids into what can be shown', () => {
    const tokenizer = loadTokenizer(folder);
    const [first] = tokenizer.encode('é');
    expect(tokenizer.decode([first!])).toBe('\ufffd');
    expect(tokenizer.decode([99_999, 64])).toBe('a');
    expect(tokenizer.tokenText(tokenizer.encode(' world')[0]!)).toBe(' w');
    expect(tokenizer.encode('\ud800')).toEqual(tokenizer.encode('\ufffd'));
  });

  it('knows the tokens that end an answer, and the size of the vocabulary', () => {
    const tokenizer = loadTokenizer(folder);
    expect(tokenizer).toMatchObject({ eosToken: '<|im_end|>', eosId: 509, padId: 507 });
    expect(tokenizer.vocabularySize).toBe(fixture.vocab_size);
    expect([...tokenizer.specialIds]).toEqual([507, 508, 509]);
    expect(tokenizer.stopIds).toEqual([509]);
    writeFileSync(join(folder, 'generation_config.json'), '{"eos_token_id": [509, 507]}');
    expect(loadTokenizer(folder).stopIds).toEqual([509, 507]);
  });

  it('takes the end of an answer from config.json when tokenizer_config.json has none', () => {
    edit('tokenizer_config.json', (config) => delete config['eos_token']);
    expect(() => loadTokenizer(folder)).toThrow(/does not say which token ends an answer/);
    writeFileSync(join(folder, 'config.json'), '{"eos_token_id": 507}');
    expect(loadTokenizer(folder).eosToken).toBe('<|endoftext|>');
  });
});

describe('offsets', () => {
  it('are those of the Rust implementation', () => {
    const tokenizer = loadTokenizer(folder);
    for (const expected of offsets.cases) {
      const { ids, starts, ends } = tokenizer.encodeWithOffsets(expected.text);
      expect(ids, expected.text).toEqual(expected.ids);
      const pairs = ids.map((_, index) => [starts[index], ends[index]]);
      expect(pairs, expected.text).toEqual(expected.offsets);
    }
  });

  it('of decomposed letters cover the letter with its marks, and what follows is not shifted', () => {
    const text = 'e\u0301<|im_end|>ae\u0301 가\u1100\u1161x';
    const { ids, starts, ends } = loadTokenizer(folder).encodeWithOffsets(text);
    const covered = ids.map((_, index) => text.slice(starts[index], ends[index]));
    expect(covered.slice(0, 4)).toEqual(['e\u0301', 'e\u0301', '<|im_end|>', 'a']);
    expect(covered.slice(-4)).toEqual(['\u1100\u1161', '\u1100\u1161', '\u1100\u1161', 'x']);
  });
});

describe('hash', () => {
  it('is the same for both spellings of the merges, and another for another vocabulary', () => {
    const { hash } = loadTokenizer(folder);
    useStringMerges();
    expect(loadTokenizer(folder).hash).toBe(hash);
    edit('tokenizer.json', (file) => {
      const vocabulary = part(part(file['model'])['vocab']);
      [vocabulary['a'], vocabulary['b']] = [vocabulary['b'], vocabulary['a']];
    });
    expect(loadTokenizer(folder).hash).not.toBe(hash);
  });
});

describe('a tokenizer.json that cannot be used', () => {
  const cases: [string, RegExp, (file: Json) => void][] = [
    ['another model', /WordPiece/, (file) => (part(file['model'])['type'] = 'WordPiece')],
    [
      'a pattern of its own',
      /pattern that is not known.*\(a\+\)\+/,
      (file) => {
        const [split] = part(file['pre_tokenizer'])['pretokenizers'] as Json[];
        part(split!['pattern'])['Regex'] = '(a+)+$';
      },
    ],
    ['another normaliser', /NFKC/, (file) => (file['normalizer'] = { type: 'NFKC' })],
    [
      'an id that is no number',
      /has the id "1"/,
      (file) => {
        part(part(file['model'])['vocab'])['a'] = '1';
      },
    ],
    [
      'an id beyond all vocabularies',
      /has the id 4000000000/,
      (file) => {
        part(part(file['model'])['vocab'])['a'] = 4_000_000_000;
      },
    ],
    [
      'one id twice',
      /two tokens have the id 65/,
      (file) => {
        part(part(file['model'])['vocab'])['a'] = 65;
      },
    ],
    [
      'a missing byte',
      /no token for the byte written "a"/,
      (file) => {
        delete part(part(file['model'])['vocab'])['a'];
      },
    ],
    [
      'a merge without its token',
      /merge 251 makes "zq"/,
      (file) => {
        (part(file['model'])['merges'] as unknown[]).push(['z', 'q']);
      },
    ],
    [
      'a merge that is no pair',
      /merge 251 is "abc"/,
      (file) => {
        (part(file['model'])['merges'] as unknown[]).push('abc');
      },
    ],
    [
      'an added token with a taken id',
      /is there twice/,
      (file) => {
        (file['added_tokens'] as Json[])[0]!['id'] = 64;
      },
    ],
    [
      'an added token that eats spaces',
      /sets lstrip/,
      (file) => {
        (file['added_tokens'] as Json[])[0]!['lstrip'] = true;
      },
    ],
    [
      'byte fallback',
      /byte_fallback is set/,
      (file) => {
        part(file['model'])['byte_fallback'] = true;
      },
    ],
  ];
  for (const [name, message, change] of cases) {
    it(`is refused: ${name}`, () => {
      edit('tokenizer.json', change);
      expect(() => loadTokenizer(folder)).toThrow(message);
      expect(() => loadTokenizer(folder)).toThrow(StudioError);
    });
  }

  it('is refused: cut off, absent', () => {
    writeFileSync(join(folder, 'tokenizer.json'), '{"model": {');
    expect(() => loadTokenizer(folder)).toThrow(/not valid JSON/);
    rmSync(join(folder, 'tokenizer.json'));
    expect(() => loadTokenizer(folder)).toThrow(/does not exist/);
  });

  it('does not let names of object properties through', () => {
    edit('tokenizer.json', (file) => {
      const model = part(file['model']);
      model['vocab'] = JSON.parse(
        JSON.stringify(model['vocab']).replace(/^\{/, '{"__proto__": 512, "constructor": 513, '),
      ) as Json;
    });
    const tokenizer = loadTokenizer(folder);
    expect(tokenizer.token(512)).toBe('__proto__');
    expect(tokenizer.encode('__proto__ constructor')).toHaveLength(
      loadTokenizer(FIXTURES).encode('__proto__ constructor').length,
    );
    expect(({} as Json)['512']).toBeUndefined();
  });
});
