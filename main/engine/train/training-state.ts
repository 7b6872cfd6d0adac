/**
 * A training checkpoint: the strong model as others read it (a Hugging Face folder, or a PEFT adapter
 * with base.json), and beside it what only a resume needs: `optimizer.safetensors` (AdamW's moments,
 * and the weak model where it is trained too) and `state.json`. Weights are written in the very type
 * they are trained in, so a resumed stage continues bit for bit.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { CheckpointWriter } from '../checkpoint/checkpoint-folder.ts';
import { companionFiles } from '../checkpoint/companion-files.ts';
import { openModelWeights } from '../checkpoint/model-weights.ts';
import { openSafetensors } from '../checkpoint/safetensors-reader.ts';
import { writeShardedModel, type TensorSource } from '../checkpoint/safetensors-writer.ts';
import type { Session } from '../graph/session.ts';
import type { VariableSource } from '../graph/variable-stream.ts';
import { variableBytes } from '../graph/transfer.ts';
import type { Variable } from '../graph/program.ts';
import { adapterFiles, loadAdapter } from '../model/adapter.ts';
import { isAdapter, loadWeights, weightSources } from '../model/weights.ts';
import { allParameters, trainedParameters, type ModelVariables } from '../model/variables.ts';
import { baseFile, type ModelSource } from './model-source.ts';
import type { OpenTraining } from './training-session.ts';

const optimizerFile = 'optimizer.safetensors';
const maxShardBytes = 5e9;

/** Bytes that a checkpoint will take, for the check of disk space. */
export function checkpointBytes({ strong, weak }: OpenTraining): number {
  const models = weak?.mode.trained !== 'nothing' && weak ? [strong, weak] : [strong];
  return models.flatMap(savedParameters).reduce((sum, { variable, training }) => {
    const moments = training ? 2 * variableBytes(training.firstMoment) : 0;
    return sum + variableBytes(variable) + moments;
  }, 1e6);
}

/** The model as others read it; `folder` is where the checkpoint will finally lie. */
export function writeModel(
  writer: CheckpointWriter,
  { session, strong, config }: Pick<OpenTraining, 'session' | 'strong' | 'config'>,
  source: ModelSource,
  folder: string,
): void {
  const { lora, weights } = strong.mode;
  if (lora) {
    writer.writeFiles((target) => adapterFiles(session, strong, target, source.base));
    writer.writeJson(baseFile, { base: relative(folder, source.base) });
    return;
  }
  const name = weights === 'f32' ? 'float32' : 'bfloat16';
  writer.writeFiles((target) =>
    writeShardedModel(target, weightSources(session, allParameters(strong)), {
      maxShardBytes,
    }),
  );
  const { dtype: _old, torch_dtype: _older, ...raw } = config.raw;
  const key = 'torch_dtype' in config.raw ? 'torch_dtype' : 'dtype';
  writer.writeJson('config.json', { ...raw, [key]: name });
  for (const file of companionFiles) {
    const path = join(source.base, file);
    if (existsSync(path)) writer.writeText(file, readFileSync(path, 'utf8'));
  }
}

export function writeOptimizer(writer: CheckpointWriter, { session, strong, weak }: OpenTraining) {
  const weakTrained = weak && weak.mode.trained !== 'nothing' ? weak : null;
  const variables = [
    ...momentsOf(strong),
    ...(weakTrained ? savedParameters(weakTrained).map(({ variable }) => variable) : []),
    ...(weakTrained ? momentsOf(weakTrained) : []),
  ];
  writer.writeTensors(
    optimizerFile,
    variables.map((variable) => variableSource(session, variable)),
  );
}

/** Brings a session to the state of a checkpoint that was verified before. */
export function restoreTraining(training: OpenTraining, folder: string): void {
  const { session, strong, weak } = training;
  if (strong.mode.lora) {
    loadAdapter(session, strong, folder);
  } else {
    const weights = openModelWeights(folder);
    loadWeights(session, strong, weights);
    weights.close();
  }
  const file = openSafetensors(join(folder, optimizerFile));
  const load = (variables: Variable[]): void =>
    session.load(
      variables.map((variable): VariableSource => ({
        variable: variable.name,
        pieces: file.readSlices(variable.name, 16 * 1024 * 1024),
      })),
    );
  load(momentsOf(strong));
  if (weak && weak.mode.trained !== 'nothing') {
    load(savedParameters(weak).map(({ variable }) => variable));
    load(momentsOf(weak));
  }
  file.close();
}

/** What of a trained model changes: all of it, or its adapter. */
function savedParameters(model: ModelVariables) {
  return allParameters(model).filter((parameter) => !model.mode.lora || isAdapter(parameter));
}

/** In the order of declaration. */
function momentsOf(model: ModelVariables): Variable[] {
  return trainedParameters(model).flatMap(({ training }) => [
    training.firstMoment,
    training.secondMoment,
  ]);
}

function variableSource(session: Session, variable: Variable): TensorSource {
  return {
    name: variable.name,
    dtype: variable.dtype === 'bf16' ? 'BF16' : 'F32',
    shape: variable.shape,
    byteLength: variableBytes(variable),
    chunks: () => session.read(variable.name),
  };
}
