/**
 * README.md of an exported model, in the layout of the Hugging Face hub: YAML front matter (library,
 * base, licence, tags, results), how to load it in its format, where it comes from, what to know. For
 * the enhanced model of a run the run's own card (markdown-report.ts) follows: results, method, limits.
 */
import { parse, stringify } from 'yaml';
import type { ModelFormat } from '../../contract/model-export.ts';
import { asJsonObject } from '../checkpoint/read-json-file.ts';
import { mdFence, mdText } from '../report/markdown-text.ts';
import { plainLine } from '../report/plain-text.ts';
import { sizeLabel } from './gguf-qwen3.ts';
import type { CardFacts } from './planned-export.ts';

export interface CardSubject {
  name: string;
  format: ModelFormat;
  license: string | null;
  /** Where the base is published, e.g. Qwen/Qwen3-4B. */
  baseId: string | null;
  /** Plain sentences: which checkpoint of what this is. */
  origin: readonly string[];
  /** Joint training with a weak agent has taken place. */
  isWeakDriven: boolean;
  /** The run's card; its front matter and first heading are taken over. */
  runCard: string | null;
  notes: readonly string[];
}

const libraries: Record<ModelFormat, string> = {
  hf: 'transformers',
  merged: 'transformers',
  peft: 'peft',
  gguf: 'gguf',
};

export function modelCard(subject: CardSubject, facts: CardFacts): string {
  const { name, origin, notes } = subject;
  const run = subject.runCard === null ? null : splitCard(subject.runCard);
  const size = `It has ${sizeLabel(facts.parameters)} parameters, stored as ${facts.dtype}.`;
  const parts = [
    `---\n${frontMatter(subject, run?.metadata ?? {})}---`,
    `# ${mdText(name)}`,
    [...origin, size].map(mdText).join(' '),
    `## Use\n\n${usage(subject, facts)}`,
    ...(notes.length === 0
      ? []
      : [`## About this file\n\n${notes.map((note) => `- ${mdText(note)}`).join('\n')}`]),
    ...(run === null ? [] : [run.body]),
  ];
  return `${parts.join('\n\n').trimEnd()}\n`;
}

function frontMatter(
  { format, license, baseId, isWeakDriven }: CardSubject,
  run: Record<string, unknown>,
): string {
  return stringify(
    {
      library_name: libraries[format],
      pipeline_tag: 'text-generation',
      ...(license !== null && { license }),
      ...(baseId !== null && {
        base_model: baseId,
        base_model_relation: format === 'peft' ? 'adapter' : 'finetune',
      }),
      tags: [
        'qwen3',
        ...(isWeakDriven ? ['weak-driven-learning', 'wmss', 'post-training'] : []),
        ...(format === 'peft' ? ['lora'] : []),
      ],
      ...(run['model-index'] !== undefined && { 'model-index': run['model-index'] }),
    },
    { lineWidth: 0 },
  );
}

function usage({ format, baseId }: CardSubject, { ggufFile }: CardFacts): string {
  if (format === 'gguf') {
    const file = plainLine(ggufFile!);
    return `With llama.cpp:\n\n${mdFence(`llama-cli -m '${file.replaceAll("'", "'\\''")}'`, 'sh')}`;
  }
  const base = JSON.stringify(baseId ?? 'path/to/the/base/model');
  const load =
    format === 'peft'
      ? `from peft import PeftModel\nfrom transformers import AutoModelForCausalLM, AutoTokenizer\n\nbase = AutoModelForCausalLM.from_pretrained(${base}, dtype="auto")\nmodel = PeftModel.from_pretrained(base, "path/to/this/folder")`
      : 'from transformers import AutoModelForCausalLM, AutoTokenizer\n\nmodel = AutoModelForCausalLM.from_pretrained("path/to/this/folder", dtype="auto")';
  return `With ${libraries[format]}:\n\n${mdFence(
    `${load}\ntokenizer = AutoTokenizer.from_pretrained("path/to/this/folder")\nprompt = tokenizer.apply_chat_template(\n    [{"role": "user", "content": "12 + 30 = ?"}], add_generation_prompt=True, return_tensors="pt", return_dict=True\n)\nprint(tokenizer.decode(model.generate(**prompt, max_new_tokens=256)[0]))`,
    'python',
  )}`;
}

function splitCard(card: string): { metadata: Record<string, unknown>; body: string } {
  const [, yaml, rest] = /^---\n([\s\S]*?)\n---\n+([\s\S]*)$/.exec(card) ?? [];
  if (yaml === undefined) return { metadata: {}, body: card };
  return { metadata: asJsonObject(parse(yaml)) ?? {}, body: rest!.replace(/^# .*\n+/, '') };
}
