/**
 * Opens the session of a training stage: builds the program for its batch shapes and loads strong
 * and weak weights into it.
 */
import type { LoraConfig, OptimizerConfig } from '../../contract/config.ts';
import { readModelConfig, type Qwen3Config } from '../checkpoint/model-config.ts';
import { checkModelWeights } from '../checkpoint/model-tensors.ts';
import { openModelWeights } from '../checkpoint/model-weights.ts';
import type { Placement } from '../graph/library.ts';
import { openSession, type Session } from '../graph/session.ts';
import { createAdapter, loadAdapter } from '../model/adapter.ts';
import { chooseRecompute } from '../plan/memory-plan.ts';
import { loadParameters, loadWeights, type LoadProgress } from '../model/weights.ts';
import type { TrainingMode } from '../model/slots.ts';
import type { ModelVariables } from '../model/variables.ts';
import { accumulates, type BatchShape, type TrainingShape } from './batch-shape.ts';
import type { ObjectiveKind } from './objective.ts';
import type { ModelSource } from './model-source.ts';
import type { Precision } from './precision.ts';
import { buildTrainingProgram } from './training-program.ts';
import { requireSameVocabulary } from './same-vocabulary.ts';

export interface TrainingSessionOptions {
  strong: ModelSource;
  /** `cached`: its final hidden states are fed, and of it only the head is loaded. */
  weak: { source: ModelSource; frozen: boolean; cached: boolean } | null;
  lora: LoraConfig | null;
  precision: Precision;
  placement: Placement;
  /** Of the device: decides whether the backward pass computes its layers again. */
  memoryBytes: number;
  optimizer: OptimizerConfig;
  objective: { kind: ObjectiveKind };
  shapes: readonly TrainingShape[];
  measureShapes: readonly BatchShape[];
  logitsShapes: readonly BatchShape[];
  /** Of a fresh adapter's first matrix. */
  seed: number;
  onProgress?: LoadProgress;
}

export interface OpenTraining {
  session: Session;
  strong: ModelVariables;
  weak: ModelVariables | null;
  config: Qwen3Config;
}

export async function openTraining(options: TrainingSessionOptions): Promise<OpenTraining> {
  const { lora, precision, weak: weakOptions } = options;
  const config = readModelConfig(options.strong.base);
  if (weakOptions) requireSameVocabulary(options.strong.base, weakOptions.source.base);
  const trained = lora ? 'adapter' : 'all';
  const strongMode: TrainingMode = { trained, weights: precision.weights, lora };
  const shareBase = sharesBase(options);
  const weak =
    weakOptions && !weakOptions.cached ? { frozen: weakOptions.frozen, shareBase } : null;
  const { shapes } = options;
  const { moments } = options.optimizer;
  const sums = accumulates(shapes);
  const planned = { config, precision, lora, weak, shapes, accumulates: sums, moments };
  const program = buildTrainingProgram({
    config,
    strong: strongMode,
    weak: weakOptions && {
      config: readModelConfig(weakOptions.source.base),
      mode: weakMode(weakOptions, strongMode),
      shareBase,
      cached: weakOptions.cached,
    },
    compute: precision.compute,
    recompute: chooseRecompute(planned, options.memoryBytes),
    placement: options.placement,
    optimizer: options.optimizer,
    objective: options.objective.kind,
    shapes: options.shapes,
    measureShapes: options.measureShapes,
    logitsShapes: options.logitsShapes,
  });
  const session = await openSession(program.program);
  loadModel(session, program.strong, options.strong, options);
  if (program.weak && weakOptions) loadModel(session, program.weak, weakOptions.source, options);
  if (program.weakHead && weakOptions && !shareBase) {
    const weights = openModelWeights(weakOptions.source.base);
    loadParameters(session, [program.weakHead], weights);
    weights.close();
  }
  return { session, strong: program.strong, weak: program.weak, config };
}

/** Adapters on one base share its matrices; a weak model of its own folder has its own. */
export function sharesBase(options: {
  strong: ModelSource;
  weak: { source: ModelSource } | null;
  lora: LoraConfig | null;
}): boolean {
  return options.lora !== null && options.weak?.source.base === options.strong.base;
}

export function weakMode(
  weak: { source: ModelSource; frozen: boolean },
  strong: TrainingMode,
): TrainingMode {
  const hasAdapter = strong.lora !== null && (weak.source.adapter !== null || !weak.frozen);
  const lora = hasAdapter ? strong.lora : null;
  return {
    trained: weak.frozen ? 'nothing' : strong.trained,
    weights: strong.weights,
    // What is not trained is not dropped out either.
    lora: lora && { ...lora, dropout: weak.frozen ? 0 : lora.dropout },
  };
}

function loadModel(
  session: Session,
  model: ModelVariables,
  source: ModelSource,
  { seed, onProgress }: TrainingSessionOptions,
): void {
  const weights = openModelWeights(source.base);
  try {
    checkModelWeights(model.config, weights);
    loadWeights(session, model, weights, onProgress);
  } finally {
    weights.close();
  }
  if (model.mode.lora) {
    if (source.adapter) loadAdapter(session, model, source.adapter);
    else createAdapter(session, model, seed);
  }
  if (model.mode.trained !== 'nothing') session.zero(`${model.prefix}/moments`);
}
