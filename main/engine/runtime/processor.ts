/**
 * The processor, for choosing the precision and for `wds doctor`: bf16 matrix products pay off only
 * where the CPU has avx512_bf16 or amx_bf16.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

/** Instruction sets that oneDNN and XLA choose kernels by, as /proc/cpuinfo spells them. */
const relevantInstructions = [
  'avx',
  'avx2',
  'fma',
  'avx512f',
  'avx512_vnni',
  'avx512_bf16',
  'avx512_fp16',
  'amx_tile',
  'amx_int8',
  'amx_bf16',
];

export interface Processor {
  model: string;
  /** Threads this process may use. */
  threads: number;
  instructions: string[];
  /** Has bf16 matrix products in hardware. */
  bfloat16: boolean;
}

/** The relevant ones among the flags of the first processor in the text of /proc/cpuinfo. */
export function parseInstructions(cpuinfo: string): string[] {
  const flags = new Set(/^flags\s*:(.*)$/m.exec(cpuinfo)?.[1]?.trim().split(/\s+/) ?? []);
  return relevantInstructions.filter((name) => flags.has(name));
}

export function describeProcessor(): Processor {
  let cpuinfo = '';
  try {
    cpuinfo = readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    // Not Linux: the model name below comes from elsewhere, instructions stay unknown.
  }
  const instructions = parseInstructions(cpuinfo);
  const models = cpus();
  return {
    model: models[0]?.model.trim() ?? 'unknown',
    // Node 16 has no availableParallelism.
    threads: typeof availableParallelism === 'function' ? availableParallelism() : models.length,
    instructions,
    bfloat16: instructions.includes('avx512_bf16') || instructions.includes('amx_bf16'),
  };
}
