/**
 * The NVIDIA GPU of this machine, as its driver's nvidia-smi reports it, and whether TensorFlow can use
 * it: its CUDA build holds kernels for compute capability 6.0 to 9.0 only (an RTX 50 is 12.0). A GPU
 * that cannot be used is a reason to show, never a crash; the work then runs on the CPU.
 */
import { execFileSync } from 'node:child_process';
import type { RuntimeRecord } from './runtime-record.ts';

export interface Gpu {
  name: string;
  /** E.g. 8.9. */
  computeCapability: number;
  driver: string;
  memoryBytes: number;
}

export type GpuDescription = Gpu | { refused: string } | null;

const fields = ['name', 'compute_cap', 'driver_version', 'memory.total'];

/** Parses `nvidia-smi --query-gpu=... --format=csv,noheader,nounits`: one line per GPU, MiB. */
export function parseGpus(csv: string): Gpu[] {
  const gpus: Gpu[] = [];
  for (const line of csv.split('\n')) {
    const cells = line.split(',').map((cell) => cell.trim());
    if (cells.length < fields.length) continue;
    // A name may hold a comma; the three last columns do not.
    const [capability, driver, mebibytes] = cells.slice(-3) as [string, string, string];
    const computeCapability = Number(capability);
    if (!Number.isFinite(computeCapability)) continue;
    gpus.push({
      name: cells.slice(0, -3).join(', '),
      computeCapability,
      driver,
      // "[N/A]" on machines where CPU and GPU share memory.
      memoryBytes: (Number(mebibytes) || 0) * 2 ** 20,
    });
  }
  return gpus;
}

/** The first GPU that the linked build can use; else why the first one cannot be used. */
export function chooseGpu(
  gpus: Gpu[],
  runtime: Pick<RuntimeRecord, 'build' | 'gpuRefused' | 'computeCapability'>,
): GpuDescription {
  const [from, below] = runtime.computeCapability;
  const usable = gpus.find((gpu) => gpu.computeCapability >= from && gpu.computeCapability < below);
  const first = gpus[0];
  if (!first) return runtime.gpuRefused === null ? null : { refused: runtime.gpuRefused };
  if (!usable) {
    const capability = first.computeCapability.toFixed(1);
    return {
      refused:
        `${first.name} has compute capability ${capability}; ` +
        `this TensorFlow has kernels for ${from.toFixed(1)} to ${(below - 1).toFixed(1)}`,
    };
  }
  if (runtime.build === 'cpu') {
    return {
      refused: runtime.gpuRefused ?? `${usable.name}: TensorFlow is set up for the CPU only`,
    };
  }
  return usable;
}

/** Null where there is no NVIDIA driver. Takes up to a few seconds where there is one. */
export function describeGpu(runtime: RuntimeRecord): GpuDescription {
  let csv: string;
  try {
    const args = [`--query-gpu=${fields.join(',')}`, '--format=csv,noheader,nounits'];
    csv = execFileSync('nvidia-smi', args, {
      encoding: 'utf8',
      timeout: 15_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    return { refused: 'nvidia-smi does not answer; the NVIDIA driver is not working' };
  }
  return chooseGpu(parseGpus(csv), runtime);
}
