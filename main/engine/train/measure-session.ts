/** Opens a session that measures a model without training it: entropy pass, held-out loss, logits. */
import { join } from 'node:path';
import type { LoraConfig } from '../../contract/config.ts';
import { readModelConfig } from '../checkpoint/model-config.ts';
import { checkModelWeights } from '../checkpoint/model-tensors.ts';
import { openModelWeights } from '../checkpoint/model-weights.ts';
import { readPeftConfig } from '../checkpoint/peft-config.ts';
import type { Placement } from '../graph/library.ts';
import { openSession, type Session } from '../graph/session.ts';
import { loadAdapter } from '../model/adapter.ts';
import type { ModelVariables } from '../model/variables.ts';
import { loadWeights, type LoadProgress } from '../model/weights.ts';
import type { BatchShape } from './batch-shape.ts';
import { buildMeasureProgram } from './measure-program.ts';
import type { ModelSource } from './model-source.ts';
import type { Precision } from './precision.ts';

export interface MeasureSessionOptions {
  source: ModelSource;
  precision: Precision;
  placement: Placement;
  measureShapes: readonly BatchShape[];
  logitsShapes: readonly BatchShape[];
  onProgress?: LoadProgress;
}

export async function openMeasuring(
  options: MeasureSessionOptions,
): Promise<{ session: Session; model: ModelVariables }> {
  const { source, precision } = options;
  const config = readModelConfig(source.base);
  const weights = openModelWeights(source.base);
  try {
    checkModelWeights(config, weights);
    const { program, model } = buildMeasureProgram({
      config,
      mode: { trained: 'nothing', weights: precision.weights, lora: adapterSettings(source) },
      compute: precision.compute,
      placement: options.placement,
      measureShapes: options.measureShapes,
      logitsShapes: options.logitsShapes,
    });
    const session = await openSession(program);
    loadWeights(session, model, weights, options.onProgress);
    if (source.adapter) loadAdapter(session, model, source.adapter);
    return { session, model };
  } finally {
    weights.close();
  }
}

/** The LoRA settings that an adapter's own files name; dropout is for training only. */
export function adapterSettings({ adapter }: ModelSource): LoraConfig | null {
  if (!adapter) return null;
  const { rank, alpha, targets } = readPeftConfig(join(adapter, 'adapter_config.json'));
  return { rank, alpha, targets, dropout: 0 };
}
