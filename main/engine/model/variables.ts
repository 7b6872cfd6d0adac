/**
 * The variables of one model in a program: every parameter under its Hugging Face name behind a
 * prefix (`strong/`, `weak/`), and for trained ones the gradient and AdamW's two moments, in the types
 * that the slot gives. Groups for transfer: `<prefix>/weights`, `adapter`, `gradients`, `moments`.
 * A second model may stand on the first one's base (`base`): two adapters, or adapter and bare base,
 * then share one copy of the matrices.
 */
import type { Qwen3Config } from '../checkpoint/model-config.ts';
import type { Program, Variable } from '../graph/program.ts';
import { layerSlots, type Slot, type TrainedTypes, type TrainingMode } from './slots.ts';

export interface Parameter {
  /** Hugging Face's name, without the model's prefix. */
  name: string;
  variable: Variable;
  training: Training | null;
}

export interface Training {
  gradient: Variable;
  firstMoment: Variable;
  secondMoment: Variable;
}

export type TrainedParameter = Parameter & { training: Training };

export interface ModelVariables {
  prefix: string;
  config: Qwen3Config;
  mode: TrainingMode;
  slots: readonly Slot[];
  embedding: Parameter;
  /** `slots` of each layer. */
  layers: readonly (readonly Parameter[])[];
  finalNorm: Parameter;
  /** The embedding itself where the two are tied. */
  head: Parameter;
}

export function declareModel(
  program: Program,
  prefix: string,
  config: Qwen3Config,
  mode: TrainingMode,
  base: ModelVariables | null = null,
  types: TrainedTypes = { accumulates: true, moments: 'f32' },
): ModelVariables {
  const shared = new Map((base ? allParameters(base) : []).map((p) => [p.name, p]));
  const declare = (slot: Slot): Parameter => {
    const existing = shared.get(slot.name);
    const isAdapter = /\.lora_[AB]$/.test(slot.name);
    if (existing && !isAdapter && !slot.trained && !existing.training) return existing;
    const name = `${prefix}/${slot.name}`;
    const moment = { dtype: slot.moment, shape: slot.shape };
    return {
      name: slot.name,
      variable: program.variable(
        name,
        { dtype: slot.dtype, shape: slot.shape },
        `${prefix}/${isAdapter ? 'adapter' : 'weights'}`,
      ),
      training: slot.trained
        ? {
            gradient: program.variable(
              `${name}#gradient`,
              { dtype: slot.gradient, shape: slot.shape },
              `${prefix}/gradients`,
            ),
            firstMoment: program.variable(`${name}#first_moment`, moment, `${prefix}/moments`),
            secondMoment: program.variable(`${name}#second_moment`, moment, `${prefix}/moments`),
          }
        : null,
    };
  };
  const slots = layerSlots(config, mode, types);
  const whole = mode.trained === 'all';
  const vocabulary = {
    shape: [config.vocabularySize, config.hiddenSize],
    dtype: mode.weights,
    trained: whole,
    // Its gradient is a sum in any case: over the chunks of the loss.
    gradient: 'f32' as const,
    moment: types.moments,
  };
  const embedding = declare({ name: 'model.embed_tokens.weight', ...vocabulary });
  return {
    prefix,
    config,
    mode,
    slots,
    embedding,
    layers: Array.from({ length: config.layers }, (_, layer) =>
      slots.map((slot) => declare({ ...slot, name: `model.layers.${layer}.${slot.name}` })),
    ),
    finalNorm: declare({
      name: 'model.norm.weight',
      shape: [config.hiddenSize],
      dtype: 'f32',
      trained: whole,
      gradient: 'f32',
      moment: 'f32',
    }),
    head: config.tieWordEmbeddings ? embedding : declare({ name: 'lm_head.weight', ...vocabulary }),
  };
}

/** The head alone, of a frozen model whose final hidden states are given: that of `base`, or its own. */
export function declareHead(
  program: Program,
  prefix: string,
  config: Qwen3Config,
  weights: TrainingMode['weights'],
  base: ModelVariables | null,
): Parameter {
  if (base) return base.head;
  const name = config.tieWordEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight';
  const spec = { dtype: weights, shape: [config.vocabularySize, config.hiddenSize] };
  const variable = program.variable(`${prefix}/${name}`, spec, `${prefix}/weights`);
  return { name, variable, training: null };
}

/** Every parameter once, in the order of computation. */
export function allParameters(model: ModelVariables): Parameter[] {
  return parameterGroups(model).flat();
}

export function trainedParameters(model: ModelVariables): TrainedParameter[] {
  return allParameters(model).filter(isTrained);
}

/** `trainedParameters` by layer; those outside of the layers are groups of one. None is empty. */
export function trainedGroups(model: ModelVariables): TrainedParameter[][] {
  const trained = parameterGroups(model).map((group) => group.filter(isTrained));
  return trained.filter((group) => group.length > 0);
}

function parameterGroups(model: ModelVariables): (readonly Parameter[])[] {
  const groups = [[model.embedding], ...model.layers, [model.finalNorm]];
  return model.head === model.embedding ? groups : [...groups, [model.head]];
}

function isTrained(parameter: Parameter): parameter is TrainedParameter {
  return parameter.training !== null;
}

/** A layer function's arguments after its context: slots, then gradients of the trained ones. */
export function layerHandles(parameters: readonly Parameter[]): Variable['handle'][] {
  return [
    ...parameters.map((parameter) => parameter.variable.handle),
    ...parameters.flatMap(({ training }) => (training ? [training.gradient.handle] : [])),
  ];
}
