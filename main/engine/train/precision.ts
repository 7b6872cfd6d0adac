/**
 * Which types weights are kept and products are computed in. `auto` is exact where it is cheap:
 * full fine-tuning keeps f32 weights (an update below 1/256 of a bf16 weight would be lost); a frozen
 * base under an adapter keeps the type of its file. Products run in bf16 on a GPU, and on a CPU that
 * multiplies bf16 in hardware when the weights are bf16 anyway; otherwise in f32.
 */
import type { LoraConfig, PrecisionConfig } from '../../contract/config.ts';
import type { Qwen3Config } from '../checkpoint/model-config.ts';
import { describeProcessor } from '../runtime/processor.ts';

export interface Precision {
  weights: 'f32' | 'bf16';
  compute: 'f32' | 'bf16';
}

export function choosePrecision(
  wanted: PrecisionConfig,
  config: Qwen3Config,
  lora: LoraConfig | null,
  device: 'cpu' | 'gpu',
): Precision {
  const stored = config.dtype === 'bf16' ? 'bf16' : 'f32';
  const weights = wanted.weights === 'auto' ? (lora ? stored : 'f32') : wanted.weights;
  if (wanted.compute !== 'auto') return { weights, compute: wanted.compute };
  const fast = device === 'gpu' || (weights === 'bf16' && describeProcessor().bfloat16);
  return { weights, compute: fast ? 'bf16' : 'f32' };
}
