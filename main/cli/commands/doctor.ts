/**
 * `wds doctor`: what this installation consists of and runs on, for a user who wonders and for a bug
 * report. It really loads TensorFlow and multiplies two matrices. Exit code 1 when that fails.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import { release } from 'node:os';
import { dirname } from 'node:path';
import { findElectron } from '../../../resources/setup/electron.mjs';
import { cacheRoot } from '../../../resources/setup/paths.mjs';
import type { ErrorDetails } from '../../contract/errors.ts';
import { toErrorDetails } from '../../contract/errors.ts';
import { findSandbox } from '../../engine/eval/sandbox/find-sandbox.ts';
import { describeRuntime } from '../../engine/runtime/describe-runtime.ts';
import type { EngineRuntime } from '../../engine/runtime/describe-runtime.ts';
import { loadTensorFlow } from '../../engine/runtime/tensorflow.ts';
import { defaultRunsRoot } from '../../host/run-folders.ts';
import { version } from '../../host/version.ts';
import { windowSandboxes } from '../../host/window-sandbox.ts';
import type { CommandSpec } from '../arguments.ts';
import { parseArguments } from '../arguments.ts';

export const doctorSpec: CommandSpec = {
  name: 'doctor',
  usage: '[--json]',
  summary: 'Shows what is installed, the processor, the GPU, memory and disk space.',
  options: { json: { help: 'one JSON document on stdout' } },
};

interface Folder {
  path: string;
  freeBytes: number;
}

interface Diagnosis {
  version: string;
  node: string;
  platform: string;
  runtime: EngineRuntime | null;
  /** Time until TensorFlow was loaded and had multiplied two matrices. */
  loadSeconds: number | null;
  error: ErrorDetails | null;
  electron: ReturnType<typeof findElectron>;
  /** What model-written code runs in, or why there is nothing for it. */
  sandbox: { engine: string; description: string } | { refused: string };
  python: string | null;
  compiler: string | null;
  cache: Folder;
  runs: Folder;
}

export async function doctor(args: string[]): Promise<number> {
  const parsed = parseArguments(doctorSpec, args);
  const diagnosis = await diagnose();
  process.stdout.write(
    parsed.has('json') ? `${JSON.stringify(diagnosis, null, 2)}\n` : describe(diagnosis),
  );
  return diagnosis.error === null ? 0 : 1;
}

async function diagnose(): Promise<Diagnosis> {
  let runtime: EngineRuntime | null = null;
  let loadSeconds: number | null = null;
  let error: ErrorDetails | null = null;
  try {
    runtime = describeRuntime();
    loadSeconds = timeTensorFlow();
  } catch (thrown) {
    error = toErrorDetails(thrown);
  }
  const compiler = process.env['CXX'] ?? 'c++';
  const windows = windowSandboxes();
  const sandbox = await findSandbox(windows.open);
  windows.close();
  return {
    version,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}, kernel ${release()}`,
    runtime,
    loadSeconds,
    error,
    electron: findElectron(),
    sandbox:
      'refused' in sandbox ? sandbox : { engine: sandbox.engine, description: sandbox.description },
    python: firstLine('python3', ['--version']),
    compiler: firstLine(compiler, ['--version']),
    cache: describeFolder(cacheRoot),
    runs: describeFolder(defaultRunsRoot()),
  };
}

function timeTensorFlow(): number {
  const started = performance.now();
  const tf = loadTensorFlow();
  const product = tf.tidy(() =>
    tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).dataSync(),
  );
  if (product[0] !== 11) throw new Error(`TensorFlow computes 1 * 3 + 2 * 4 = ${product[0]}`);
  return (performance.now() - started) / 1000;
}

function firstLine(program: string, args: string[]): string | null {
  try {
    const options = { encoding: 'utf8', timeout: 10_000, stdio: 'pipe' } as const;
    return execFileSync(program, args, options).split('\n')[0]?.trim() ?? null;
  } catch {
    return null;
  }
}

/** Free space where the folder is, or would be made. */
function describeFolder(path: string): Folder {
  let existing = path;
  while (!existsSync(existing)) existing = dirname(existing);
  const disk = statfsSync(existing);
  return { path, freeBytes: disk.bavail * disk.bsize };
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;

function describeGpu(gpu: EngineRuntime['gpu']): string {
  if (gpu === null) return 'none found; the CPU computes';
  if ('refused' in gpu) return `not used: ${gpu.refused}`;
  const capability = gpu.computeCapability.toFixed(1);
  return `${gpu.name}, ${gigabytes(gpu.memoryBytes)}, compute ${capability}, driver ${gpu.driver}`;
}

/** The rows of the table, what is missing said in words. */
function describe(diagnosis: Diagnosis): string {
  const { runtime, electron, sandbox, error } = diagnosis;
  const rows: [string, string][] = [
    ['Weak-Driven Studio', diagnosis.version],
    ['Node.js', `${diagnosis.node} on ${diagnosis.platform}`],
  ];
  if (runtime) {
    const { processor } = runtime;
    const seconds = diagnosis.loadSeconds?.toFixed(1);
    const memory = `${gigabytes(runtime.memoryBytes)}, ${gigabytes(runtime.memoryFreeBytes)} free`;
    rows.push(
      ['TensorFlow', `${runtime.tensorflow}, ${runtime.build === 'cpu' ? 'CPU' : 'CUDA'} build`],
      ['', error ? 'does not work' : `loads and computes in ${seconds} s`],
      ['Libraries', runtime.libraries],
      ['Addon', runtime.addon],
      ['Processor', `${processor.model}, ${processor.threads} threads`],
      ['Instructions', processor.instructions.join(' ') || 'unknown'],
      ['bf16 in hardware', processor.bfloat16 ? 'yes' : 'no'],
      ['GPU', describeGpu(runtime.gpu)],
      ['Memory', memory],
    );
  }
  const runtimeKind = electron?.kind === 'official' ? 'official' : 'fallback';
  rows.push(
    ['Electron', electron ? `${electron.version} (${runtimeKind} runtime)` : 'not fetched yet'],
    ['Code tasks', 'refused' in sandbox ? sandbox.refused : `run in ${sandbox.description}`],
    ['Python', diagnosis.python ?? 'not found (needed by set-up only)'],
    ['C++ compiler', diagnosis.compiler ?? 'not found (needed by set-up only)'],
    ['Cache', `${diagnosis.cache.path}, ${gigabytes(diagnosis.cache.freeBytes)} free`],
    ['Runs', `${diagnosis.runs.path}, ${gigabytes(diagnosis.runs.freeBytes)} free`],
  );
  if (error) rows.push(['Problem', error.message], ['', error.hint]);
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}
