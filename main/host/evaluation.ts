/**
 * An evaluation with its folder and lock: what the command line and the engine process both call. The
 * folder's name comes from the hash of the evaluation, so asking for the same one again goes on with
 * it, or finds it finished.
 */
import { mkdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type {
  EvaluationProgress,
  EvaluationRequest,
  EvaluationSummary,
} from '../contract/evaluation.ts';
import { asWriteError } from '../engine/checkpoint/durable-file.ts';
import { evaluateBenchmark } from '../pipeline/evaluation/evaluate-benchmark.ts';
import { planEvaluation } from '../pipeline/evaluation/plan-evaluation.ts';
import { evaluationsRoot } from './run-folders.ts';
import { acquireRunLock } from './run-lock.ts';
import { windowSandboxes } from './window-sandbox.ts';

export interface EvaluationOptions {
  /** Default: one below the data folder, named after task, model and hash. */
  folder?: string;
  onProgress: (progress: EvaluationProgress) => void;
  /** Throw StudioError('stopped') to stop between two steps; nothing finished is lost. */
  breathe?: () => Promise<void>;
}

/** @throws StudioError: what planning, generating and writing throw, and run-locked */
export async function evaluate(
  request: EvaluationRequest,
  options: EvaluationOptions,
): Promise<{ folder: string; summary: EvaluationSummary }> {
  const plan = await planEvaluation(request);
  const model = basename(plan.source.adapter ?? plan.source.base).replace(/[^A-Za-z0-9._-]+/g, '-');
  const name = `${plan.task.name}-${model}-${plan.hash.slice(0, 12)}`;
  const folder = resolve(options.folder ?? join(evaluationsRoot(), name));
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw asWriteError(folder, error);
  }
  const lock = acquireRunLock(folder);
  const windows = windowSandboxes();
  try {
    const summary = await evaluateBenchmark(plan, {
      folder,
      onProgress: options.onProgress,
      breathe: options.breathe ?? (() => new Promise((done) => setImmediate(done))),
      ...(request.batch !== undefined && { batch: request.batch }),
      otherSandbox: windows.open,
    });
    return { folder, summary };
  } finally {
    windows.close();
    lock.release();
  }
}
