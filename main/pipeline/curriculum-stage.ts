/**
 * Entropies -> weights and the drawn sample (WD-DS). Two files of entropies (before and after SFT) for
 * `discrepancy`; a third, from half-way through, between them for `brownboost`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alignEntropies } from '../engine/curriculum/check-entropies.ts';
import { curriculumWeights } from '../engine/curriculum/curriculum-weights.ts';
import { readEntropyFile } from '../engine/curriculum/entropy-file.ts';
import { curriculumOutlook } from '../engine/curriculum/effective-sample-size.ts';
import { resample, samplingProbabilities } from '../engine/curriculum/resample.ts';
import { writeJsonAtomic } from './atomic-file.ts';
import { hashFile } from './hash.ts';
import type { RunSettings } from './run-settings.ts';
import { runStage } from './stage.ts';

export interface CurriculumArtifact {
  size: number;
  effectiveSampleSize: number;
  neverDrawn: number;
}

/** Returns the drawn indices of examples, in their order. */
export async function curriculumStage(
  run: RunSettings,
  entropyFiles: readonly string[],
): Promise<Int32Array> {
  const { curriculum } = run.config;
  const folder = join(run.stagesFolder, 'curriculum');
  let drawn: Int32Array | null = null;
  const compute = () => {
    const tables = entropyFiles.map((file) => readEntropyFile(file));
    const { ids, entropies } = alignEntropies(tables);
    const { weights } = curriculumWeights(entropies, curriculum);
    return {
      ids,
      entropies,
      weights,
      sample: resample(weights, curriculum.multiplier, curriculum.seed),
    };
  };
  await runStage<CurriculumArtifact>({
    name: 'curriculum',
    title: 'Curriculum weights and resampling',
    stagesFolder: run.stagesFolder,
    emit: run.context.emit,
    inputs: { curriculum, entropies: await Promise.all(entropyFiles.map(hashFile)) },
    run: async () => {
      const { ids, entropies, weights, sample } = compute();
      const lines = ids.map((id, row) => {
        const columns = entropies.map((column, index) => [`entropy${index}`, column[row]]);
        const line = { id, ...Object.fromEntries(columns), weight: weights[row] };
        return `${JSON.stringify(line)}\n`;
      });
      writeFileSync(join(folder, 'weights.jsonl'), lines.join(''));
      drawn = sample.indices;
      const { seed, size } = sample;
      writeJsonAtomic(join(folder, 'sample.json'), { seed, size, indices: [...sample.indices] });
      if (sample.isUniform) {
        const message = 'All curriculum weights are 0; the sample is drawn uniformly.';
        run.context.emit({ kind: 'warning', code: 'curriculum-uniform', message });
      }
      const outlook = curriculumOutlook(samplingProbabilities(weights).probabilities, size);
      const distinct = new Set(sample.indices).size;
      const effectiveSampleSize = outlook.effectiveSampleSize;
      return {
        artifact: { size, effectiveSampleSize, neverDrawn: weights.length - distinct },
        summary:
          `${size} drawn from ${weights.length}, ${distinct} distinct, ` +
          `effective sample size ${effectiveSampleSize.toFixed(0)}`,
      };
    },
  });
  return drawn ?? compute().sample.indices;
}
