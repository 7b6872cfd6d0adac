/** Weights and tokens of a benchmark: nothing depends on their values, so they are random. */
import { elementCount } from '../graph/dtype.ts';
import type { Session } from '../graph/session.ts';
import { createGenerator } from '../curriculum/numpy-random.ts';
import type { Batch } from '../data/batch.ts';
import { normalTable, onesTensor, randomTensor } from '../model/random-weights.ts';
import { isAdapter } from '../model/weights.ts';
import { allParameters, type ModelVariables } from '../model/variables.ts';

/** Full rows of uniform token ids; every token but the last of a row predicts the next one. */
export function randomBatch(rows: number, length: number, vocabulary: number, seed: number): Batch {
  const random = createGenerator(seed);
  const ids = Int32Array.from({ length: rows * length }, () =>
    Math.floor(random.random() * vocabulary),
  );
  const targets = rows * (length - 1);
  const targetRows = new Int32Array(rows * length);
  const labels = new Int32Array(rows * length);
  for (let row = 0, index = 0; row < rows; row++) {
    for (let t = 0; t + 1 < length; t++, index++) {
      targetRows[index] = row * length + t;
      labels[index] = ids[row * length + t + 1]!;
    }
  }
  return {
    rows,
    length,
    ids,
    positions: ids.map((_, index) => index % length),
    documents: ids.map(() => 1),
    targetRows,
    labels,
    targetExamples: new Int32Array(rows * length),
    targets,
    tokens: rows * length,
  };
}

/** Matrices normal(0, 0.02), norms 1, adapters' B zero, as a fresh model has them. */
export function loadRandomWeights(session: Session, model: ModelVariables, seed: number): void {
  const tables = { f32: normalTable(0.02, 'F32'), bf16: normalTable(0.02, 'BF16') };
  const own = allParameters(model).filter(({ variable }) =>
    variable.name.startsWith(`${model.prefix}/`),
  );
  const content = (parameter: (typeof own)[number]): Iterable<Uint8Array> => {
    const { name, dtype, shape } = parameter.variable;
    if (dtype === 'i32') throw new Error(`${name} is no weight`);
    if (name.includes('norm')) return onesTensor(name, shape, 'F32').chunks();
    if (name.endsWith('lora_B')) return [new Uint8Array(4 * elementCount(shape))];
    return randomTensor(name, shape, seed, tables[dtype]).chunks();
  };
  for (const adapter of [false, true]) {
    const group = own.filter((parameter) => isAdapter(parameter) === adapter);
    session.load(
      group.map((parameter) => ({
        variable: parameter.variable.name,
        pieces: content(parameter),
      })),
    );
  }
}
