/** What model folders hold, read without computing anything; and which of them descend from which. */
import { basename, resolve } from 'node:path';
import { toErrorDetails } from '../../main/contract/errors.ts';
import type { ModelFacts, ModelInspection } from '../../main/contract/inspection.ts';
import type { HandlersFor } from '../../main/contract/requests.ts';
import { readModelConfig } from '../../main/engine/checkpoint/model-config.ts';
import { checkModelWeights } from '../../main/engine/checkpoint/model-tensors.ts';
import { openModelWeights } from '../../main/engine/checkpoint/model-weights.ts';
import { bytesPerElement } from '../../main/engine/checkpoint/safetensors-header.ts';
import { loadTokenizer } from '../../main/engine/tokenizer/tokenizer.ts';
import { readLineage } from '../runs/lineage.ts';
import type { HandlerParts } from './handler-parts.ts';

export function modelHandlers({
  host,
}: HandlerParts): HandlersFor<'model.inspect' | 'model.lineage'> {
  return {
    'model.inspect': ({ path }) => inspectModel(resolve(path)),
    'model.lineage': ({ strong }) =>
      readLineage(host.list(), host.folder, strong === undefined ? undefined : resolve(strong)),
  };
}

/** Every reason at once: what is wrong with the config, the weights and the tokenizer. */
export function inspectModel(path: string): ModelInspection {
  try {
    return { recognised: true, model: modelFacts(path) };
  } catch (error) {
    return { recognised: false, problems: [toErrorDetails(error)] };
  }
}

function modelFacts(path: string): ModelFacts {
  const config = readModelConfig(path);
  const weights = openModelWeights(path);
  try {
    checkModelWeights(config, weights);
    const tensors = [...weights.tensors.values()];
    const sizes = tensors.map(({ shape }) => shape.reduce((product, side) => product * side, 1));
    const bytes = tensors.map(
      ({ dtype }, index) => (sizes[index] ?? 0) * (bytesPerElement(dtype) ?? 0),
    );
    const tokenizer = loadTokenizer(path);
    return {
      path,
      name: basename(path),
      architecture: 'Qwen3',
      layers: config.layers,
      hiddenSize: config.hiddenSize,
      intermediateSize: config.intermediateSize,
      attentionHeads: config.heads,
      keyValueHeads: config.keyValueHeads,
      headDimension: config.headDim,
      vocabularySize: config.vocabularySize,
      tiedHead: config.tieWordEmbeddings,
      maxPositions: config.maxPositions,
      weightType: [...new Set(tensors.map(({ dtype }) => dtype.toLowerCase()))].join(', '),
      parameters: sum(sizes),
      bytes: sum(bytes),
      shards: new Set(tensors.map(({ file }) => file)).size,
      hasTokenizer: true,
      hasChatTemplate: tokenizer.hasChatTemplate,
    };
  } finally {
    weights.close();
  }
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
