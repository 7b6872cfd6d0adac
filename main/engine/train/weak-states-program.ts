/**
 * The weak cache's two ends in the graph: a program that computes a frozen weak model's final hidden
 * states at the answer rows of a batch, and the placeholder by which a training program takes them.
 * They are kept after the final norm in the compute type, which is what the head multiplies: what
 * comes back is bit for bit what the training step would have computed. Layer functions, shapes and
 * chunks are therefore those of the step.
 *
 * R answer rows, H hidden size. bf16 crosses as pairs bitcast to i32.
 */
import type { Qwen3Config } from '../checkpoint/model-config.ts';
import type { Placement } from '../graph/library.ts';
import { gather } from '../graph/ops/gather.ts';
import { bitcast, concat, reshape, sliceAxis } from '../graph/ops/shape.ts';
import { readVariable } from '../graph/ops/variable.ts';
import { Program } from '../graph/program.ts';
import type { Value } from '../graph/scope.ts';
import { finalNorm } from '../loss/head.ts';
import type { TrainingMode } from '../model/slots.ts';
import { declareModel, type ModelVariables } from '../model/variables.ts';
import {
  batchInputs, batchPlaceholders, chunks, noRandomness, shapeName, type BatchShape,
} from './batch-shape.ts'; // prettier-ignore
import { bodyStates } from './measure-program.ts';

export interface WeakStatesSetup {
  config: Qwen3Config;
  mode: TrainingMode;
  compute: 'f32' | 'bf16';
  placement: Placement;
  shapes: readonly BatchShape[];
}

/** Entries `states:<shape>` -> words i32 or f32, as `statesPlaceholder` takes them. */
export function buildWeakStatesProgram(setup: WeakStatesSetup): {
  program: Program;
  model: ModelVariables;
} {
  const program = new Program(setup.placement);
  const model = declareModel(program, 'weak', setup.config, setup.mode);
  const { hiddenSize: hidden, vocabularySize, rmsNormEpsilon: epsilon } = setup.config;
  const { variable } = model.finalNorm;
  for (const shape of setup.shapes) {
    const batch = batchPlaceholders(program, shape, noRandomness);
    const rows = gather(bodyStates(program, model, batch, shape, setup.compute), batch.targetRows);
    const weight = readVariable(variable.handle, variable);
    const parts = chunks(shape.targets, vocabularySize).map(({ begin, end }) =>
      finalNorm(sliceAxis(rows, 0, begin, end), weight, { epsilon, compute: setup.compute }),
    );
    const states = concat(parts, 0);
    const words =
      setup.compute === 'f32'
        ? reshape(states, [-1])
        : bitcast(reshape(states, [(shape.targets * hidden) / 2, 2]), 'i32', [
            (shape.targets * hidden) / 2,
          ]);
    program.entry(`states:${shapeName(shape)}`, batchInputs(batch), { words });
  }
  return { program, model };
}

/** `fed`: the words; `rows`: the states [R, H] in the compute type. */
export function statesPlaceholder(
  program: Program,
  targets: number,
  hidden: number,
  compute: 'f32' | 'bf16',
): { fed: Value; rows: Value } {
  if (compute === 'f32') {
    const fed = program.placeholder('f32', [targets * hidden]);
    return { fed, rows: reshape(fed, [targets, hidden]) };
  }
  const words = (targets * hidden) / 2;
  const fed = program.placeholder('i32', [words]);
  return { fed, rows: reshape(bitcast(fed, 'bf16', [words, 2]), [targets, hidden]) };
}
