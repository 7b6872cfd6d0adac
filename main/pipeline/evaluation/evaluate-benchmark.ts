/**
 * Evaluates one model on one benchmark, in a folder that survives being killed at any moment: what is
 * finished is in `items.jsonl` and is not generated again. Every generation draws from a stream of its
 * own (seed, item, sample), so a resumed evaluation gives what an undisturbed one would. Programs are
 * judged in a sandbox between steps of generation; without a sandbox the task is refused.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import type { EvaluationProgress, EvaluationSummary } from '../../contract/evaluation.ts';
import { scoreResponse } from '../../engine/eval/score-response.ts';
import { findSandbox } from '../../engine/eval/sandbox/find-sandbox.ts';
import type { SandboxSource } from '../../engine/eval/sandbox/find-sandbox.ts';
import { runCodeTask } from '../../engine/eval/sandbox/run-code-task.ts';
import type { Sandbox } from '../../engine/eval/sandbox/sandbox.ts';
import { candidateCode } from '../../engine/eval/tasks/candidate-code.ts';
import { asJsonObject, readJsonFile } from '../../engine/checkpoint/read-json-file.ts';
import { asWriteError } from '../../engine/checkpoint/durable-file.ts';
import { openGenerator } from '../../engine/model/generate.ts';
import { loadTokenizer, type Tokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { writeJsonAtomic } from '../atomic-file.ts';
import type { ItemLog } from './item-log.ts';
import { lineKey, openItemLog } from './item-log.ts';
import type { PlannedEvaluation } from './plan-evaluation.ts';
import { remainingTime } from './remaining-time.ts';
import { summarise } from './summarise.ts';

export interface EvaluationContext {
  folder: string;
  /** Most generations at once. */
  batch?: number;
  onProgress: (progress: EvaluationProgress) => void;
  /** Between steps: lets messages in; throws StudioError('stopped') to stop. */
  breathe: () => Promise<void>;
  /** Where bubblewrap cannot be had; the desktop app has one. */
  otherSandbox?: SandboxSource;
}

interface Missing {
  item: number;
  sample: number;
  prompt: number[];
}

const progressInterval = 200;

/** @throws run-invalid, sandbox-missing, model-invalid, data-invalid, disk-full, stopped */
export async function evaluateBenchmark(
  plan: PlannedEvaluation,
  context: EvaluationContext,
): Promise<EvaluationSummary> {
  claimFolder(plan, context.folder);
  const sandbox = plan.task.kind === 'code' ? await requireSandbox(context) : null;
  const log = openItemLog(join(context.folder, 'items.jsonl'));
  try {
    const generations = plan.items.length * plan.settings.samples;
    const { warnings, task, items } = plan;
    context.onProgress({
      kind: 'evaluation-started',
      task: task.title,
      items: items.length,
      generations,
      kept: log.lines.size,
      warnings,
    });
    if (sandbox) await judge(plan, log, sandbox);
    if (log.lines.size < generations) await generateMissing(plan, context, log, sandbox);
    const summary = summarise(plan, log.lines, sandbox?.description ?? null);
    writeJsonAtomic(join(context.folder, 'summary.json'), summary);
    context.onProgress({ kind: 'evaluation-finished', summary });
    return summary;
  } finally {
    log.close();
  }
}

/** The folder is new, or this very evaluation's. */
function claimFolder(plan: PlannedEvaluation, folder: string): void {
  const path = join(folder, 'evaluation.json');
  if (existsSync(path)) {
    const hash = asJsonObject(readJsonFile(path, 'run-invalid'))?.['hash'];
    if (hash === plan.hash) return;
    throw new StudioError(
      'run-invalid',
      `${folder} holds another evaluation: model, task, data or settings differ.`,
      'Choose another folder with --out.',
    );
  }
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw asWriteError(folder, error);
  }
  const { hash, settings, modelHash, taskHash, dataHash, dataFile, source, task } = plan;
  const asked = { model: source, task: task.name, dataFile, settings };
  writeJsonAtomic(path, { hash, ...asked, modelHash, taskHash, dataHash });
}

async function requireSandbox({ otherSandbox }: EvaluationContext): Promise<Sandbox> {
  const found = await findSandbox(otherSandbox);
  if (!('refused' in found)) return found;
  throw new StudioError(
    'sandbox-missing',
    `Programs that a model wrote are not run here. ${found.refused}`,
    'They run in a sandbox only. Other benchmarks need none.',
  );
}

async function generateMissing(
  plan: PlannedEvaluation,
  context: EvaluationContext,
  log: ItemLog,
  sandbox: Sandbox | null,
): Promise<void> {
  const { settings, source, task, items } = plan;
  const started = Date.now();
  const tokenizer = loadTokenizer(source.base);
  const missing = missingOf(plan, log, tokenizer);
  const generator = await openGenerator({
    modelDir: source.base,
    ...(source.adapter !== null && { adapterDir: source.adapter }),
    precision: { weights: settings.precision, compute: settings.precision },
  });
  const report = reporter(plan, context, log);
  try {
    await generator.generate(
      missing.map(({ prompt }) => prompt),
      {
        maxNewTokens: settings.maxNewTokens,
        temperature: settings.temperature,
        topP: settings.topP,
        topK: settings.topK,
        seed: settings.seed,
        streams: missing.map(({ item, sample }) => item * settings.samples + sample),
        stopIds: tokenizer.stopIds,
        ...(context.batch !== undefined && { maxBatch: context.batch }),
        onToken: report.countToken,
        onFinished(index, { ids, finishReason }) {
          const { item, sample, prompt } = missing[index]!;
          const asked = items[item]!;
          const text = tokenizer.decode(ids, { skipSpecialTokens: true });
          const scored = sandbox
            ? { answer: null, verdict: null }
            : scoreResponse(task, asked, text, finishReason === 'stop');
          const { id, question, expected } = asked;
          const about = { item, sample, id, question, expected, promptTokens: prompt.length };
          log.append({ ...about, text, ids, finishReason, ...scored, started, time: Date.now() });
        },
        async onProgress() {
          if (sandbox) await judge(plan, log, sandbox);
          await context.breathe();
          report.show();
        },
      },
    );
    if (sandbox) await judge(plan, log, sandbox);
  } finally {
    generator.close();
  }
}

function missingOf(plan: PlannedEvaluation, log: ItemLog, tokenizer: Tokenizer): Missing[] {
  const { settings } = plan;
  return plan.items.flatMap(({ question }, item) => {
    const samples = Array.from({ length: settings.samples }, (_, sample) => sample).filter(
      (sample) => !log.lines.has(lineKey({ item, sample })),
    );
    if (samples.length === 0) return [];
    const user = { role: 'user', content: question };
    const system = { role: 'system', content: settings.systemPrompt ?? '' };
    const text = tokenizer.renderChat(settings.systemPrompt === null ? [user] : [system, user], {
      addGenerationPrompt: true,
      enableThinking: settings.thinking,
    });
    const prompt = tokenizer.encode(text);
    return samples.map((sample) => ({ item, sample, prompt }));
  });
}

/** Judges the programs that were not yet judged; each verdict is a line of its own. */
async function judge(plan: PlannedEvaluation, log: ItemLog, sandbox: Sandbox): Promise<void> {
  const open = [...log.lines.values()].filter(({ verdict }) => verdict === null);
  for (const line of open) {
    const { prefix: _, ...code } = plan.items[line.item]!.code!;
    const candidate = candidateCode(line.text, plan.items[line.item]!.code!);
    const { verdict, detail } = await runCodeTask(sandbox, { ...code, candidate });
    log.append({
      ...line,
      answer: candidate,
      verdict: verdict === 'passed' ? 'correct' : 'wrong',
      detail: detail === '' ? verdict : `${verdict}: ${detail}`,
      time: Date.now(),
    });
  }
}

function reporter(
  plan: PlannedEvaluation,
  context: EvaluationContext,
  log: ItemLog,
): { countToken(): void; show(): void } {
  const generations = plan.items.length * plan.settings.samples;
  const kept = log.lines.size;
  const time = remainingTime();
  let tokens = 0;
  let began = 0;
  let shown = -Infinity;
  return {
    countToken() {
      if (tokens++ === 0) time.begin((began = performance.now()));
    },
    show() {
      const now = performance.now();
      const done = log.lines.size;
      if (now - shown < progressInterval && done < generations) return;
      shown = now;
      const remaining = time.secondsToGo(done - kept, generations - kept, now);
      const correct = [...log.lines.values()].filter(({ verdict }) => verdict === 'correct').length;
      context.onProgress({
        kind: 'evaluation-progress',
        done,
        generations,
        correct,
        tokens,
        tokensPerSecond: now > began ? (1000 * tokens) / (now - began) : 0,
        ...(remaining !== undefined && { remaining }),
      });
    },
  };
}
