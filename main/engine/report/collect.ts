/**
 * A run's folder -> its report as one document (contract/report.ts). Reads only what the run left, in
 * whatever state it is: a part that is not there yet becomes null, with a sentence in `missing`.
 * The time of writing is no part of it: the same run gives the same report, byte for byte.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { RunConfig } from '../../contract/config.ts';
import { runConfigSchema } from '../../contract/config.ts';
import { StudioError } from '../../contract/errors.ts';
import { reportVersion } from '../../contract/report.ts';
import type { ReportedStage, ReportedTraining, RunReport } from '../../contract/report.ts';
import { asJsonObject } from '../checkpoint/read-json-file.ts';
import { readRuntime } from '../runtime/runtime-record.ts';
import { summariseCheckpoints } from './checkpoint-summary.ts';
import { summariseCurriculum } from './curriculum-summary.ts';
import { summariseEvaluation } from './evaluation-summary.ts';
import { summariseExamples } from './examples-summary.ts';
import { findingsOf } from './findings.ts';
import { limitsOf } from './limits.ts';
import { missingParts } from './missing-parts.ts';
import { summariseModelFiles } from './model-files-summary.ts';
import type { EventFacts } from './read-events.ts';
import { readEventFacts } from './read-events.ts';
import type { FoundStage } from './run-files.ts';
import { findStages, readJson, readText, sourceOf, textOr } from './run-files.ts';
import { trainingOf } from './step-curves.ts';
import { explainWeakAgent } from './weak-agent.ts';

/** @throws run-missing; file-unreadable when the event log is there but cannot be read */
export async function collectReport(runFolder: string): Promise<RunReport> {
  const folder = resolve(runFolder);
  if (!existsSync(join(folder, 'config.json'))) {
    throw new StudioError(
      'run-missing',
      `${folder} is not the folder of a run: it has no config.json.`,
      'wds runs lists the runs.',
    );
  }
  const raw = readJson(join(folder, 'config.json'));
  const parsed = runConfigSchema.safeParse(raw);
  const config = parsed.success ? parsed.data : null;
  const stages = findStages(folder);
  const facts = await readEventFacts(join(folder, 'events.jsonl'));
  const eventSource = { file: 'events.jsonl', sha256: facts.sha256 };
  const training = (['sft', 'joint', 'baseline', 'neftune', 'undial'] as const).flatMap((stage) => {
    const columns = facts.training.get(stage);
    return columns ? [trainingOf(columns, eventSource)] : [];
  });
  const { data, textOf } = summariseExamples(folder, stages, {
    file: atHome(config?.data.file ?? ''),
    model: config?.model ?? '',
  });
  const curriculum = config && summariseCurriculum(folder, stages, config.curriculum);
  for (const row of curriculum?.top ?? []) {
    const text = textOf(row.id);
    if (text !== undefined) row.text = text;
  }
  const steps = new Map(training.map((stage) => [stage.stage as string, stage.steps]));
  const evaluation = summariseEvaluation(folder, stages, steps);
  const cost = stepCost(training);
  if (evaluation && cost !== null) evaluation.stepCost = cost;
  const checkpoints = summariseCheckpoints(folder, facts, config?.weak);
  const joint = training.find(({ stage }) => stage === 'joint');
  const run = describeRun(folder, asJsonObject(raw), facts);
  const report: Omit<RunReport, 'findings'> = {
    format: 'weak-driven-studio.run-report',
    version: reportVersion,
    run,
    limits: limitsOf({ evaluation, data, training, run }, config),
    missing: missingParts({ config, stages, facts, evaluation, curriculum, data }),
    warnings: [...facts.warnings.values()].map((warning) => ({
      ...warning,
      message: withoutFolders(warning.message, folder),
    })),
    evaluation,
    curriculum,
    weakAgent:
      config && (joint || config.only === undefined || config.only === 'joint')
        ? explainWeakAgent({ config, curriculum, checkpoints, evaluation, joint })
        : null,
    training,
    modelFiles: summariseModelFiles(folder, stages),
    data,
    checkpoints,
    stages: listStages(folder, stages, facts),
    configuration: {
      source: fileSource(folder, 'config.json'),
      yaml: stringify(homeless(raw), { lineWidth: 100 }),
      command: reproducingCommand(run.id, config),
    },
    environment: {
      programs: facts.programs,
      writtenWith: writtenWith(),
      ...(facts.peakMemoryBytes !== undefined && { peakMemoryBytes: facts.peakMemoryBytes }),
    },
    artifacts: listArtifacts(stages),
  };
  return { ...report, findings: findingsOf(report) };
}

function describeRun(
  folder: string,
  config: Record<string, unknown> | null,
  facts: EventFacts,
): RunReport['run'] {
  const id = basename(folder);
  const given = readText(join(folder, 'name.txt'))?.trim();
  const { started, ended, error, status, resumes } = facts;
  const seconds = [...facts.stages.values()].reduce((sum, stage) => sum + stage.seconds, 0);
  const path = (value: unknown): string => atHome(textOr(value, ''));
  const heldOutFile = path(asJsonObject(config?.['evaluation'])?.['heldOut']);
  return {
    id,
    name: given || textOr(config?.['name'], id),
    status,
    ...(started !== undefined && { started }),
    ...(ended !== undefined && { ended }),
    seconds,
    resumes,
    model: path(config?.['model']),
    weak: path(config?.['weak']) || 'base',
    dataFile: path(asJsonObject(config?.['data'])?.['file']),
    ...(heldOutFile && { heldOutFile }),
    ...(error && { error: { ...error, message: withoutFolders(error.message, folder) } }),
    source: { file: 'events.jsonl', sha256: facts.sha256, events: facts.lines },
  };
}

function listStages(
  folder: string,
  found: readonly FoundStage[],
  facts: EventFacts,
): ReportedStage[] {
  const all = new Map(facts.stages);
  for (const { stage, record } of found) {
    const known = all.get(stage);
    const title = known?.title ?? stage;
    if (record === null) {
      all.set(stage, known ?? { stage, title, state: 'begun', seconds: 0, summary: '' });
      continue;
    }
    const { inputHash, seconds, summary } = record;
    const source = { file: `stages/${stage}/stage.json` };
    const hash = inputHash === undefined ? {} : { inputHash };
    all.set(stage, { stage, title, state: 'done', seconds, summary, ...hash, source });
  }
  // The report's own stage is in work while this is written, so it says nothing of the run.
  all.delete('report');
  return [...all.values()].map((stage) => ({
    ...stage,
    summary: withoutFolders(stage.summary, folder),
  }));
}

function listArtifacts(stages: readonly FoundStage[]): RunReport['artifacts'] {
  return stages
    .filter(({ stage }) => stage !== 'report')
    .flatMap(({ stage, record }) =>
      Object.entries(record?.outputs ?? {}).map(([name, { bytes }]) => ({
        ...sourceOf(stages, stage, name),
        bytes,
      })),
    );
}

/** Medians, since the first step of a stage compiles; null where one of the two is missing. */
function stepCost(training: readonly ReportedTraining[]): number | null {
  const [joint, baseline] = ['joint', 'baseline'].map((name) => {
    const curve = training
      .find(({ stage }) => stage === name)
      ?.curves.find(({ metric }) => metric === 'seconds');
    const sorted = [...(curve?.mean ?? [])].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
  });
  return joint && baseline ? joint / baseline : null;
}

function fileSource(folder: string, file: string) {
  const text = readText(join(folder, file));
  if (text === null) return { file };
  return { file, sha256: createHash('sha256').update(text).digest('hex') };
}

function reproducingCommand(id: string, config: RunConfig | null): string {
  const out = `${/^[\w.-]+$/.test(id) ? id : 'run'}-again`;
  if (config?.only) return `wds train ${config.only} --config config.yaml --out ${out}`;
  return `wds run --config config.yaml --out ${out}`;
}

/** Paths below the user's home folder as `~/...`, which a config may hold as well. */
function homeless(value: unknown): unknown {
  if (typeof value === 'string') return atHome(value);
  if (Array.isArray(value)) return value.map(homeless);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, homeless(field)]));
}

function atHome(path: string): string {
  const home = homedir();
  return path.startsWith(`${home}/`) ? `~/${path.slice(home.length + 1)}` : path;
}

/** The program's own sentences name files by whole paths, which tell where this user keeps things. */
function withoutFolders(sentence: string, folder: string): string {
  return sentence.replaceAll(`${folder}/`, '').replaceAll(`${homedir()}/`, '~/');
}

function writtenWith(): RunReport['environment']['writtenWith'] {
  const machine = { node: process.version, platform: `${process.platform} ${process.arch}` };
  try {
    return { ...machine, tensorflow: readRuntime().tensorflow };
  } catch {
    return machine;
  }
}
