/** The card of an exported model: what the hub reads, and names that try to be more than names. */
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { hostileStrings } from '../../fixtures/report/hostile-strings.ts';
import { modelCard, type CardSubject } from './model-card.ts';

const subject: CardSubject = {
  name: 'Demo',
  format: 'gguf',
  license: 'apache-2.0',
  baseId: 'Qwen/Qwen3-4B',
  origin: ['The enhanced model of the run a.'],
  isWeakDriven: true,
  runCard: null,
  notes: ['A note.'],
};
const facts = { dtype: 'q8_0', parameters: 4.02e9, ggufFile: 'demo.gguf' } as const;

function frontMatter(card: string): unknown {
  return parse(/^---\n([\s\S]*?)\n---\n\n# /.exec(card)![1]!);
}

it('says what the hub wants to know', () => {
  const card = modelCard(subject, facts);
  expect(frontMatter(card)).toEqual({
    library_name: 'gguf',
    pipeline_tag: 'text-generation',
    license: 'apache-2.0',
    base_model: 'Qwen/Qwen3-4B',
    base_model_relation: 'finetune',
    tags: ['qwen3', 'weak-driven-learning', 'wmss', 'post-training'],
  });
  expect(card).toContain("llama-cli -m 'demo.gguf'");
  expect(card).toContain('It has 4.0B parameters, stored as q8\\_0.');
});

it('takes results and text of the run, but not its heading', () => {
  const runCard =
    '---\ntags:\n  - a\nmodel-index:\n  - name: x\n---\n\n# Title\n\n## Result\n\nGood.\n';
  const card = modelCard({ ...subject, runCard }, facts);
  expect(frontMatter(card)).toMatchObject({ 'model-index': [{ name: 'x' }] });
  expect(card).not.toContain('# Title');
  expect(card.endsWith('## Result\n\nGood.\n')).toBe(true);
});

it('keeps names names', () => {
  const plain = modelCard(subject, facts).split('\n').length;
  for (const text of hostileStrings) {
    const card = modelCard(
      { ...subject, name: text, origin: [text], notes: [text] },
      { ...facts, ggufFile: text },
    );
    expect(frontMatter(card), text).toEqual(frontMatter(modelCard(subject, facts)));
    expect(card.split('\n').length, text).toBe(plain);
    expect(card.replace(/```[\s\S]*?```/g, ''), text).not.toMatch(
      /<[a-z!/]|(?<!\\)\]\(|https?:\/\//i,
    );
  }
});
