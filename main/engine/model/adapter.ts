/**
 * LoRA adapters between PEFT files and a session. A fresh adapter is PEFT's: A uniform in
 * +-1/sqrt(in) (Kaiming with a = sqrt 5), B zero, so that it starts as no change at all.
 */
import type { WrittenFile } from '../checkpoint/durable-file.ts';
import { openPeftAdapter, writePeftAdapter } from '../checkpoint/peft-adapter.ts';
import { LORA_TARGETS, type LoraTarget } from '../checkpoint/peft-config.ts';
import { StudioError } from '../../contract/errors.ts';
import { createGenerator } from '../curriculum/numpy-random.ts';
import { elementCount } from '../graph/dtype.ts';
import type { Session } from '../graph/session.ts';
import { allParameters, type ModelVariables, type Parameter } from './variables.ts';
import { convert, isAdapter, weightSources } from './weights.ts';

export function adapterParameters(model: ModelVariables): Parameter[] {
  return allParameters(model).filter(isAdapter);
}

/** Deterministic in the seed and the order of the parameters. */
export function createAdapter(session: Session, model: ModelVariables, seed: number): void {
  const random = createGenerator(seed);
  session.load(
    adapterParameters(model).map(({ name, variable }) => {
      const numbers = new Float32Array(elementCount(variable.shape));
      if (name.endsWith('lora_A')) {
        const bound = 1 / Math.sqrt(variable.shape[1]!);
        for (let i = 0; i < numbers.length; i++) numbers[i] = (2 * random.random() - 1) * bound;
      }
      return { variable: variable.name, pieces: [new Uint8Array(numbers.buffer)] };
    }),
  );
}

/** @throws model-invalid where the adapter does not fit the model, its rank or its targets */
export function loadAdapter(session: Session, model: ModelVariables, folder: string): void {
  const adapter = openPeftAdapter(folder, model.config);
  try {
    const { lora } = model.mode;
    if (adapter.config.rank !== lora!.rank || adapter.config.alpha !== lora!.alpha) {
      throw new StudioError(
        'model-invalid',
        `The adapter in ${folder} has rank ${adapter.config.rank} and alpha ${adapter.config.alpha}; ` +
          `the run asks for rank ${lora!.rank} and alpha ${lora!.alpha}.`,
        'Set lora.rank and lora.alpha to those of the adapter.',
      );
    }
    session.load(
      adapterParameters(model).map(({ name, variable }) => {
        const stored = adapter.tensors.get(name);
        if (!stored) {
          throw new StudioError(
            'model-invalid',
            `The adapter in ${folder} has no ${name}.`,
            'Set lora.targets to the targets of the adapter.',
          );
        }
        return {
          variable: variable.name,
          pieces: convert([adapter.read(name)], stored.dtype, 'f32'),
        };
      }),
    );
  } finally {
    adapter.close();
  }
}

/** Writes the session's adapter as PEFT files into `folder`. */
export function adapterFiles(
  session: Session,
  model: ModelVariables,
  folder: string,
  baseModel: string,
): Map<string, WrittenFile> {
  const { rank, alpha, dropout, targets } = model.mode.lora!;
  const all = Object.keys(LORA_TARGETS) as LoraTarget[];
  const config = {
    rank,
    alpha,
    dropout,
    targets: targets === 'all-linear' ? all : all.filter((target) => targets.includes(target)),
    baseModel,
  };
  return writePeftAdapter(folder, config, weightSources(session, adapterParameters(model)));
}
