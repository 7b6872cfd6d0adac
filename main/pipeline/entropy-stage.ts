/** Model, data -> the entropy of each sample (WD-DS), as lines {id, entropy, tokens}. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EntropyLine } from '../contract/artifacts.ts';
import { measureEntropies } from '../engine/entropy/measure-entropies.ts';
import type { ModelSource } from '../engine/train/model-source.ts';
import type { RunData } from './examples-stage.ts';
import { modelFingerprint } from './model-fingerprint.ts';
import { progressOf } from './progress.ts';
import type { RunSettings } from './run-settings.ts';
import { runStage } from './stage.ts';

export interface EntropyArtifact {
  file: string;
  mean: number;
  samples: number;
}

const titles = {
  'entropy-0': 'Entropy of each sample under the base model',
  'entropy-middle': 'Entropy of each sample half-way through SFT',
  'entropy-1': 'Entropy of each sample under the SFT model',
};

/** Returns the path of the file of lines. */
export async function entropyStage(
  run: RunSettings,
  name: keyof typeof titles,
  source: ModelSource,
  data: RunData,
): Promise<string> {
  const { config, context, precision } = run;
  const folder = join(run.stagesFolder, name);
  const alignment = config.curriculum.entropyAlignment;
  const artifact = await runStage<EntropyArtifact>({
    name,
    title: titles[name],
    stagesFolder: run.stagesFolder,
    emit: context.emit,
    inputs: { data: data.hash, model: modelFingerprint(source), alignment, precision },
    run: async () => {
      const progress = progressOf(run, name, 'samples');
      const lines = await measureEntropies({
        source,
        examples: data.entropyExamples,
        alignment,
        batch: { ...config.batch, packing: true },
        precision,
        placement: run.placement,
        onBatch: async (done, total) => {
          progress(done, total);
          await run.breathe(name);
        },
      });
      writeFileSync(join(folder, 'entropy.jsonl'), lines.map(toLine).join(''));
      const mean = lines.reduce((sum, line) => sum + line.entropy, 0) / lines.length;
      const summary = `${lines.length} samples, mean entropy ${mean.toFixed(4)} nats`;
      return { artifact: { file: 'entropy.jsonl', mean, samples: lines.length }, summary };
    },
  });
  return join(folder, artifact.file);
}

function toLine(line: EntropyLine): string {
  return `${JSON.stringify(line)}\n`;
}
