import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadTokenizer } from './tokenizer.ts';
import { trainBpe } from './train-bpe.ts';

const folder = mkdtempSync(join(tmpdir(), 'wds-bpe-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function train(texts: string[], vocabularySize: number) {
  const { tokenizer, tokenizerConfig } = trainBpe({ texts, vocabularySize });
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify(tokenizerConfig));
  return {
    merges: (tokenizer as { model: { merges: string[][] } }).model.merges,
    loaded: loadTokenizer(folder),
  };
}

describe('trainBpe', () => {
  test('merges the most frequent pair first, as Sennrich et al. work their example', () => {
    const words = [...Array(5).fill('low'), ...Array(2).fill('lower')];
    const { merges } = train(
      [...words, ...Array(6).fill('newest'), ...Array(3).fill('widest')],
      271,
    );
    // es and st both occur 9 times; e comes before s. Then est, and l-o and lo-w with 7 each.
    expect(merges.slice(0, 5)).toEqual([
      ['e', 's'],
      ['es', 't'],
      ['l', 'o'],
      ['lo', 'w'],
      ['e', 'w'],
    ]);
    expect(merges).toHaveLength(10);
  });

  test('gives a tokenizer that reads back every text, also ones it was not trained on', () => {
    const { loaded } = train(['What is 12 + 34?', 'user', 'assistant', 'What is it?'], 300);
    for (const text of ['What is 7?', 'Grüße, 世界 🙂\n\t  end ', '<think>12345</think>']) {
      expect(loaded.decode(loaded.encode(text))).toBe(text);
    }
    const markup = loaded.renderChat([{ role: 'user', content: '1' }], {
      addGenerationPrompt: true,
    });
    expect(markup).toBe('<|im_start|>user\n1<|im_end|>\n<|im_start|>assistant\n');
    expect(loaded.encode('<|im_end|>')).toEqual([loaded.eosId]);
    expect([...loaded.specialIds].map((id) => loaded.token(id))).not.toContain('<think>');
  });

  test('keeps digits apart and never merges across pieces', () => {
    const { loaded, merges } = train(Array(50).fill('77 77 a b'), 300);
    expect(merges).toEqual([
      ['Ġ', 'a'],
      ['Ġ', 'b'],
    ]);
    expect(loaded.encode('77').map((id) => loaded.token(id))).toEqual(['7', '7']);
  });

  test('merges overlapping repetitions from the left', () => {
    const { loaded } = train(Array(3).fill('aaaaa'), 262);
    expect(loaded.encode('aaaaa').map((id) => loaded.token(id))).toEqual(['aa', 'aa', 'a']);
  });

  test('refuses a vocabulary without room for the bytes', () => {
    expect(() => trainBpe({ texts: ['a'], vocabularySize: 260 })).toThrow('at least 261');
  });
});
