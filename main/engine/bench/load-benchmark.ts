/**
 * Loading a model folder into a session, and writing it as a checkpoint is written, each beside plain
 * reads and writes of as many bytes in the same run: with the files dropped from the page cache, then
 * with what is left in it. What JavaScript holds at most on the way is noted (heap and array buffers).
 */
import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { readModelConfig } from '../checkpoint/model-config.ts';
import { openModelWeights } from '../checkpoint/model-weights.ts';
import { writeShardedModel } from '../checkpoint/safetensors-writer.ts';
import { openSession } from '../graph/session.ts';
import { deviceKind } from '../runtime/device-kind.ts';
import { choosePlacement } from '../runtime/placement.ts';
import { loadWeights, weightSources } from '../model/weights.ts';
import { allParameters } from '../model/variables.ts';
import { buildMeasureProgram } from '../train/measure-program.ts';

export interface LoadResult {
  bytes: number;
  files: number;
  /** Whether the files could be dropped from the page cache before the `cold` figures. */
  cacheDropped: boolean;
  coldReadSeconds: number;
  coldLoadSeconds: number;
  warmReadSeconds: number;
  warmLoadSeconds: number;
  /** Of the cold load: heap used, plus array buffers. */
  loadPeakBytes: number;
  plainWriteSeconds: number;
  /** With the SHA-256 of what is written. */
  saveSeconds: number;
  savePeakBytes: number;
}

const pieceBytes = 16 * 2 ** 20;

/** `scratch`: an existing folder on the disk to write to. @throws as loading a model does */
export async function benchmarkLoad(folder: string, scratch: string): Promise<LoadResult> {
  const config = readModelConfig(folder);
  const weights = config.dtype === 'bf16' ? 'bf16' : 'f32';
  const { program, model } = buildMeasureProgram({
    config,
    mode: { trained: 'nothing', weights, lora: null },
    compute: weights,
    placement: choosePlacement(deviceKind()),
    measureShapes: [{ rows: 1, length: 16, targets: 16 }],
    logitsShapes: [],
  });
  const session = await openSession(program);
  const opened = openModelWeights(folder);
  const names = new Set([...opened.tensors.values()].map(({ file }) => file));
  const files = [...names].map((name) => join(folder, name));
  const load = (): { seconds: number; peak: number } =>
    watched((sample) => loadWeights(session, model, opened, sample));
  try {
    const cacheDropped = dropFromCache(files);
    const coldReadSeconds = secondsOf(() => files.forEach(readPlainly));
    dropFromCache(files);
    const cold = load();
    const warmReadSeconds = secondsOf(() => files.forEach(readPlainly));
    const warm = load();
    const bytes = allParameters(model).reduce((sum, { variable }) => {
      return sum + variable.shape.reduce((a, b) => a * b, weights === 'bf16' ? 2 : 4);
    }, 0);
    const target = mkdtempSync(join(scratch, 'wds-load-'));
    try {
      const plainWriteSeconds = secondsOf(() => writePlainly(join(target, 'plain'), bytes));
      rmSync(join(target, 'plain'));
      const sources = weightSources(session, allParameters(model));
      const saved = watched((sample) => {
        const watchedSources = sources.map((source) => ({
          ...source,
          *chunks() {
            for (const chunk of source.chunks()) {
              sample();
              yield chunk;
            }
          },
        }));
        writeShardedModel(target, watchedSources, { maxShardBytes: 5e9 });
      });
      return {
        bytes,
        files: files.length,
        cacheDropped,
        coldReadSeconds,
        coldLoadSeconds: cold.seconds,
        warmReadSeconds,
        warmLoadSeconds: warm.seconds,
        loadPeakBytes: cold.peak,
        plainWriteSeconds,
        saveSeconds: saved.seconds,
        savePeakBytes: saved.peak,
      };
    } finally {
      rmSync(target, { recursive: true, force: true });
    }
  } finally {
    opened.close();
    session.close();
  }
}

function watched(work: (sample: () => void) => void): { seconds: number; peak: number } {
  let peak = 0;
  const sample = (): void => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    peak = Math.max(peak, heapUsed + arrayBuffers);
  };
  return { seconds: secondsOf(() => work(sample)), peak };
}

function secondsOf(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

function readPlainly(path: string): void {
  const descriptor = openSync(path, 'r');
  const buffer = new Uint8Array(pieceBytes);
  while (readSync(descriptor, buffer, 0, pieceBytes, null) > 0);
  closeSync(descriptor);
}

function writePlainly(path: string, bytes: number): void {
  const descriptor = openSync(path, 'w');
  const buffer = new Uint8Array(pieceBytes).fill(1);
  for (let done = 0; done < bytes; done += pieceBytes) {
    writeSync(descriptor, buffer, 0, Math.min(pieceBytes, bytes - done));
  }
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** By GNU dd, which asks the system to forget a file. False where that is not to be had. */
function dropFromCache(files: readonly string[]): boolean {
  try {
    for (const file of files) {
      execFileSync('dd', [`if=${file}`, 'iflag=nocache', 'count=0', 'status=none']);
    }
    return true;
  } catch {
    return false;
  }
}
