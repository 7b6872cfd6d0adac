/**
 * `adapter_config.json` of a PEFT LoRA adapter. The engine computes plain LoRA on linear layers,
 *   W' = W + (alpha / rank) B A,
 * so every option of PEFT that means something else (DoRA, rank-stabilised scaling, trained biases,
 * other ranks per layer, initialisations that change the base...) is refused with its name: an adapter
 * that is half understood gives plausible, wrong numbers.
 */
import { StudioError } from '../../contract/errors.ts';
import { asJsonObject, readJsonFile } from './read-json-file.ts';

/** The linear layers of a Qwen3 block, by the module they belong to. */
export const LORA_TARGETS = {
  q_proj: 'self_attn',
  k_proj: 'self_attn',
  v_proj: 'self_attn',
  o_proj: 'self_attn',
  gate_proj: 'mlp',
  up_proj: 'mlp',
  down_proj: 'mlp',
} as const;

export type LoraTarget = keyof typeof LORA_TARGETS;

export interface PeftConfig {
  rank: number;
  alpha: number;
  dropout: number;
  /** In the order of LORA_TARGETS. */
  targets: LoraTarget[];
  /** Where the adapter was trained from, as its author wrote it; for display only. */
  baseModel: string | null;
}

type Json = Record<string, unknown>;

/** Initialisations that leave the base's weights alone; PiSSA, OLoRA, CorDA and LoftQ do not. */
const PLAIN_INITIALISATIONS = [true, false, null, undefined, 'gaussian', 'eva', 'orthogonal'];

/** @throws file-missing, model-invalid, model-unsupported */
export function readPeftConfig(path: string): PeftConfig {
  const raw = asJsonObject(readJsonFile(path, 'model-invalid'));
  if (!raw) throw invalid(path, 'it does not hold a JSON object');
  refuseOtherMethods(path, raw);
  return {
    rank: checkedNumber(
      path,
      raw,
      'r',
      (rank) => Number.isInteger(rank) && rank > 0 && rank <= 65_536,
    ),
    alpha: checkedNumber(path, raw, 'lora_alpha', (alpha) => alpha > 0 && alpha <= 1e6),
    dropout: checkedNumber(
      path,
      { lora_dropout: 0, ...raw },
      'lora_dropout',
      (p) => p >= 0 && p < 1,
    ),
    targets: targets(path, raw['target_modules']),
    baseModel:
      typeof raw['base_model_name_or_path'] === 'string' ? raw['base_model_name_or_path'] : null,
  };
}

/** The text that PEFT reads back as the same adapter. */
export function peftConfigText(config: PeftConfig): string {
  const raw = {
    base_model_name_or_path: config.baseModel,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    layers_pattern: null,
    layers_to_transform: null,
    lora_alpha: config.alpha,
    lora_dropout: config.dropout,
    modules_to_save: null,
    peft_type: 'LORA',
    r: config.rank,
    rank_pattern: {},
    alpha_pattern: {},
    target_modules: config.targets,
    task_type: 'CAUSAL_LM',
    use_dora: false,
    use_rslora: false,
  };
  return `${JSON.stringify(raw, null, 2)}\n`;
}

function refuseOtherMethods(path: string, raw: Json): void {
  if (raw['peft_type'] !== 'LORA') {
    throw unsupported(path, `peft_type ${JSON.stringify(raw['peft_type']) ?? 'missing'}`);
  }
  const task = raw['task_type'] ?? 'CAUSAL_LM';
  if (task !== 'CAUSAL_LM') throw unsupported(path, `task_type ${String(task)}`);
  const bias = raw['bias'] ?? 'none';
  if (bias !== 'none') throw unsupported(path, `bias ${String(bias)}`);
  if (!PLAIN_INITIALISATIONS.includes(raw['init_lora_weights'] as never)) {
    throw unsupported(path, `init_lora_weights ${JSON.stringify(raw['init_lora_weights'])}`);
  }
  // Switches: use_dora, use_rslora, use_qalora and whatever comes next.
  for (const [field, value] of Object.entries(raw)) {
    if (field.startsWith('use_') && value === true) throw unsupported(path, field);
  }
  for (const field of ['lora_bias', 'fan_in_fan_out']) {
    if (raw[field] === true) throw unsupported(path, field);
  }
  const unset = [
    'rank_pattern',
    'alpha_pattern',
    'modules_to_save',
    'layers_to_transform',
    'layer_replication',
    'exclude_modules',
    'target_parameters',
    'trainable_token_indices',
    'alora_invocation_tokens',
    'loftq_config',
    'arrow_config',
    'kasa_config',
    'velora_config',
  ];
  for (const field of unset) if (!isEmpty(raw[field])) throw unsupported(path, field);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function targets(path: string, value: unknown): LoraTarget[] {
  const known = Object.keys(LORA_TARGETS) as LoraTarget[];
  if (value === 'all-linear') return known;
  if (!Array.isArray(value) || value.length === 0) {
    throw unsupported(path, `target_modules ${JSON.stringify(value) ?? 'missing'}`);
  }
  const other = value.find((name) => !known.includes(name));
  if (other !== undefined) throw unsupported(path, `target module ${JSON.stringify(other)}`);
  return known.filter((name) => value.includes(name));
}

function checkedNumber(
  path: string,
  raw: Json,
  field: string,
  isValid: (value: number) => boolean,
): number {
  const value = raw[field];
  if (typeof value === 'number' && isValid(value)) return value;
  throw invalid(path, `${field} is ${JSON.stringify(value) ?? 'missing'}`);
}

function invalid(path: string, reason: string): StudioError {
  return new StudioError(
    'model-invalid',
    `${path} cannot be used: ${reason}.`,
    'Point to the folder of a LoRA adapter that PEFT has saved.',
  );
}

function unsupported(path: string, feature: string): StudioError {
  return new StudioError(
    'model-unsupported',
    `${path} describes an adapter that cannot be used here: ${feature}.`,
    'Plain LoRA on q, k, v, o, gate, up and down projections is supported; merge other adapters into the model first.',
  );
}
