/** `wds entropy`: the entropy of each sample under a model, as JSON lines {id, entropy, tokens}. */
import { resolve } from 'node:path';
import { runConfigSchema } from '../../contract/config.ts';
import { buildExamples } from '../../engine/data/build-examples.ts';
import { measureEntropies } from '../../engine/entropy/measure-entropies.ts';
import { readModelConfig } from '../../engine/checkpoint/model-config.ts';
import { choosePlacement } from '../../engine/runtime/placement.ts';
import { loadTokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { modelSource } from '../../engine/train/model-source.ts';
import { choosePrecision } from '../../engine/train/precision.ts';
import { writeFileAtomic } from '../../pipeline/atomic-file.ts';
import type { CommandSpec } from '../arguments.ts';
import { parseArguments, usage } from '../arguments.ts';

export const entropySpec: CommandSpec = {
  name: 'entropy',
  usage: '--model DIR --data FILE --out FILE.jsonl [--alignment predicting|reference] [--json]',
  summary: 'Measures the entropy of each sample under a model.',
  options: {
    model: { value: 'DIR', help: "the model's folder, or a checkpoint's" },
    data: { value: 'FILE', help: 'data: .jsonl, .jsonl.zst, .csv or .parquet' },
    out: { value: 'FILE', help: 'where the lines {id, entropy, tokens} go' },
    alignment: { value: 'WHICH', help: 'predicting (default), or reference for its numbers' },
    'max-length': { value: 'N', help: 'tokens; longer samples are cut (default 8192)' },
    system: { value: 'TEXT', help: 'system prompt' },
    json: { help: 'print one JSON document at the end' },
  },
};

export async function entropy(args: string[]): Promise<number> {
  const given = parseArguments(entropySpec, args);
  const alignment = given.value('alignment') ?? 'predicting';
  if (alignment !== 'predicting' && alignment !== 'reference') {
    throw usage(entropySpec, `--alignment is predicting or reference, not ${alignment}.`);
  }
  const maxLength = given.number('max-length') ?? 8192;
  const source = modelSource(resolve(given.required('model')));
  // The defaults of a run config, so that both ways measure the same thing.
  const config = runConfigSchema.parse({
    model: source.base,
    data: { file: resolve(given.required('data')), systemPrompt: given.value('system') ?? null },
    batch: { maxLength },
  });
  const out = resolve(given.required('out'));
  const modelConfig = readModelConfig(source.base);
  const { examples, report } = await buildExamples({
    data: config.data,
    tokenizer: loadTokenizer(source.base),
    vocabularySize: modelConfig.vocabularySize,
    maxLength,
    lossOn: 'completion',
    form: alignment === 'reference' ? 'first-exchange' : 'training',
  });
  report.warnings.forEach((warning) => console.error(`warning: ${warning}`));
  const lines = await measureEntropies({
    source,
    examples,
    alignment,
    batch: config.batch,
    precision: choosePrecision(config.precision, modelConfig, null, 'cpu'),
    placement: choosePlacement('cpu'),
    onBatch: async (done, total) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${total} samples `);
    },
  });
  if (process.stderr.isTTY) process.stderr.write('\n');
  writeFileAtomic(out, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const mean = lines.reduce((sum, line) => sum + line.entropy, 0) / lines.length;
  const summary = { file: out, samples: lines.length, meanEntropy: mean };
  console.log(
    given.has('json')
      ? JSON.stringify(summary)
      : `${lines.length} samples, mean entropy ${mean.toFixed(4)} nats: ${out}`,
  );
  return 0;
}
