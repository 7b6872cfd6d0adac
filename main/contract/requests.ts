/**
 * Every question a window can ask: name -> input schema, and name -> output type. The shell parses
 * each input with its schema before a handler sees it; `Handlers` makes the set exhaustive, so that
 * a request without a handler does not compile. Pushes go the other way, without an answer.
 */
import { z } from 'zod';
import type { CurriculumPreview, EntropyColumns } from './artifacts.ts';
import { comparisonFormats, mostCompared } from './comparison.ts';
import type { ComparedBenchmark, Comparison } from './comparison.ts';
import { curriculumSchema, dataSchema } from './config.ts';
import type { RunConfig, RunConfigInput } from './config.ts';
import type { ErrorDetails } from './errors.ts';
import type { EvaluationAnswer, Evaluations } from './evaluation-jobs.ts';
import { evaluationRequestSchema } from './evaluation.ts';
import type { RunEvent } from './events.ts';
import { generatedBesideSchema } from './generation.ts';
import type { GeneratedBeside, GenerationSoFar } from './generation.ts';
import type * as inspection from './inspection.ts';
import { exportDtypes, modelFormats } from './model-export.ts';
import type { ExportChoices, ExportedModel, ModelExportProgress } from './model-export.ts';
import { reportFormats } from './report.ts';
import type { RunSnapshot, RunSummary } from './runs.ts';
import type { RuntimeDescription, SetupProgress } from './runtime.ts';
import { settingsChangeSchema } from './settings.ts';
import type { Settings } from './settings.ts';

const nothing = z.strictObject({});
const path = z.string().min(1).max(4096);
/** A folder name below the runs directory: no separators, no dots in front. */
const runId = z
  .string()
  .max(120)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/);
const oneRun = z.strictObject({ runId });
/** A config as the user wrote it; the handler parses it and names the field in its error. */
const configInput = z.record(z.string(), z.unknown());

/** A run's model (its weak-driven one, or another member), or a checkpoint's or model's folder. */
const comparedModel = z.union([
  z.strictObject({
    runId,
    member: z.enum(['base', 'sft', 'baseline', 'neftune', 'undial', 'weak-driven']).optional(),
  }),
  z.strictObject({ path }),
]);
const comparedModels = z.array(comparedModel).min(2).max(mostCompared);

export const requestSchemas = {
  'runs.list': nothing,
  /** Checks the config, makes the run's folder, and starts it, queues it or leaves it. */
  'runs.create': z.strictObject({
    config: configInput,
    start: z.enum(['now', 'queued', 'later']),
  }),
  'runs.start': oneRun,
  'runs.queue': oneRun,
  /** Ends the step in work, saves a checkpoint and frees the device. */
  'runs.pause': oneRun,
  'runs.resume': oneRun,
  /** As pause, but the run counts as ended. */
  'runs.stop': oneRun,
  /** Takes it from the queue, or ends it after this step without saving. */
  'runs.cancel': oneRun,
  /** Saves a checkpoint after this step and goes on. */
  'runs.checkpoint': oneRun,
  'runs.delete': oneRun,
  'runs.rename': z.strictObject({ runId, name: z.string().min(1).max(80) }),
  /** The config of a run as the start of a new one. */
  'runs.duplicate': oneRun,
  'runs.reveal': oneRun,
  'run.snapshot': oneRun,
  'run.events': z.strictObject({ runId, after: z.int().min(-1) }),
  'run.entropies': oneRun,
  /** Text of the last bytes of the run's log: the engine's stderr, warnings, stack traces. */
  'run.log': z.strictObject({ runId, bytes: z.int().positive().max(1_000_000).default(200_000) }),
  'run.answers': oneRun,
  'run.sample': z.strictObject({ runId, index: z.int().min(0) }),
  'config.check': z.strictObject({ config: configInput }),
  'config.read': z.strictObject({ yaml: z.string().max(1_000_000) }),
  'config.write': z.strictObject({ config: configInput }),
  'presets.list': nothing,
  'model.inspect': z.strictObject({ path }),
  'model.lineage': z.strictObject({ strong: path.optional() }),
  'data.preview': z.strictObject({
    model: path,
    data: dataSchema,
    maxLength: z.int().positive(),
    lossOn: z.enum(['completion', 'all']),
    heldOut: path.optional(),
    rows: z.int().positive().max(50).default(8),
  }),
  'curriculum.preview': z.strictObject({ runId, curriculum: curriculumSchema }),
  'mix.inspect': z.strictObject({
    strong: path,
    weak: path,
    prompt: z.string().min(1).max(100_000),
    completion: z.string().min(1).max(100_000),
    lambda: z.number().min(0).max(1),
    topK: z.int().positive().max(50).default(8),
  }),
  plan: z.strictObject({ config: configInput }),
  /** Answers when all are done; `generation` tells what they have said so far. */
  generate: z.strictObject({
    /** The window's own name for it, to follow and to cancel it. */
    id: z.uuid(),
    models: z.array(comparedModel).min(1).max(mostCompared),
    prompt: z.string().min(1).max(100_000),
    maxNewTokens: z.int().positive().max(8192).default(256),
    temperature: z.number().min(0).max(5).default(0),
    topP: z.number().gt(0).max(1).default(1),
    seed: z.int().min(0).default(42),
  }),
  /** Nothing happens when it has ended already. */
  'generate.cancel': z.strictObject({ id: z.uuid() }),
  /** The report as HTML, to be shown in a frame without scripts. */
  'report.preview': oneRun,
  compare: z.strictObject({
    models: comparedModels,
    /** Their tensors, too: takes as long as reading them from disk. */
    weights: z.boolean().default(false),
    /** Logit margins, too: a forward pass of each over some rows, where it is not kept already. */
    tokens: z.boolean().default(false),
  }),
  /** The items of one benchmark, by its key, with all answers. */
  'compare.items': z.strictObject({ models: comparedModels, benchmark: z.string().length(64) }),
  /** The comparison with everything in it as one file; the shell asks where to. */
  'compare.export': z.strictObject({
    models: comparedModels,
    format: z.enum(comparisonFormats),
    /** The answers to the last prompt, as the window has them. */
    generations: generatedBesideSchema.nullable().default(null),
    file: path.optional(),
  }),
  /** A folder that `wds study` has written; its page, to be shown in a frame without scripts. */
  'study.open': z.strictObject({ path }),
  'study.export': z.strictObject({ path, format: z.enum(['html', 'md']), file: path.optional() }),
  'report.export': z.strictObject({
    runId,
    format: z.enum([...reportFormats, 'tensorboard']),
    /** Where to, for TensorBoard a folder; the shell asks the user when absent. */
    file: path.optional(),
  }),
  /** Writes report.html into the run's folder and opens it with the system's browser. */
  'report.open': oneRun,
  /** Shows a file that was written in the system's file manager. */
  'file.reveal': z.strictObject({ path }),
  /** Of a run (its enhanced model), or of a checkpoint's folder. */
  'model.exportChoices': z.strictObject({ checkpoint: path }),
  /** Answers when it is done; `exportProgress` tells how far it is. */
  'model.export': z.strictObject({
    /** The window's own name for it, to follow and to cancel it. */
    id: z.uuid(),
    checkpoint: path,
    format: z.enum(modelFormats),
    dtype: z.enum(exportDtypes).optional(),
    /** Where the new folder is made. */
    folder: path,
    /** Of the new folder: no separators, no dot in front. */
    folderName: z
      .string()
      .max(200)
      .regex(/^[^./\\\p{Cc}][^/\\\p{Cc}]*$/u, 'not the name of a folder'),
    baseId: z.string().max(200).optional(),
  }),
  /** Nothing happens when it has ended already. */
  'model.cancelExport': z.strictObject({ id: z.uuid() }),
  'evaluations.list': nothing,
  /** Adds them to what is to be done, one after another. */
  'evaluations.start': z.strictObject({
    requests: z.array(evaluationRequestSchema).min(1).max(6),
  }),
  'evaluations.stop': z.strictObject({ id: z.uuid() }),
  'evaluations.resume': z.strictObject({ id: z.uuid() }),
  'evaluations.remove': z.strictObject({ id: z.uuid() }),
  /** Of a finished one, by the name of its folder. */
  'evaluations.answers': z.strictObject({ id: runId }),
  'settings.get': nothing,
  'settings.set': settingsChangeSchema,
  'runtime.describe': nothing,
  /** Fetches what `pendingSetup` names; joins a set-up that is under way. */
  'runtime.setUp': nothing,
  'dialog.open': z.strictObject({
    kind: z.enum(['folder', 'file']),
    title: z.string().max(200),
    extensions: z.array(z.string().regex(/^[a-z0-9]{1,12}$/)).default([]),
  }),
  'dialog.save': z.strictObject({
    suggestedName: z.string().min(1).max(200),
    content: z.union([z.string(), z.instanceof(Uint8Array)]),
  }),
  'clipboard.write': z.strictObject({ text: z.string().max(50_000_000) }),
} as const;

export interface Preset {
  name: string;
  title: string;
  description: string;
  config: RunConfigInput;
}

export interface RequestOutputs {
  'runs.list': RunSummary[];
  'runs.create': RunSummary;
  'runs.start': RunSummary;
  'runs.queue': RunSummary;
  'runs.pause': RunSummary;
  'runs.resume': RunSummary;
  'runs.stop': RunSummary;
  'runs.cancel': RunSummary;
  'runs.checkpoint': RunSummary;
  'runs.delete': null;
  'runs.rename': RunSummary;
  'runs.duplicate': RunConfig;
  'runs.reveal': null;
  'run.snapshot': RunSnapshot;
  /** Events after `after`, at most 10,000: ask again until the answer is empty. */
  'run.events': RunEvent[];
  'run.entropies': EntropyColumns;
  'run.log': string;
  'run.answers': inspection.AnsweredItem[];
  'run.sample': inspection.SampleInspection;
  'config.check': RunConfig;
  'config.read': RunConfig;
  'config.write': string;
  'presets.list': Preset[];
  'model.inspect': inspection.ModelInspection;
  'model.lineage': inspection.Lineage;
  'data.preview': inspection.DataPreview;
  'curriculum.preview': CurriculumPreview;
  'mix.inspect': inspection.MixInspection;
  plan: inspection.Plan;
  generate: GeneratedBeside;
  'generate.cancel': null;
  compare: Comparison;
  'compare.items': Pick<ComparedBenchmark, 'items' | 'itemsLeftOut'>;
  'compare.export': { file: string } | null;
  'study.open': { title: string; html: string };
  'study.export': { file: string } | null;
  'report.preview': { html: string; hasTensorBoard: boolean };
  'report.export': { file: string } | null;
  'report.open': { file: string };
  'file.reveal': null;
  'model.exportChoices': ExportChoices;
  'model.export': ExportedModel;
  'model.cancelExport': null;
  'evaluations.list': Evaluations;
  'evaluations.start': Evaluations;
  'evaluations.stop': Evaluations;
  'evaluations.resume': Evaluations;
  'evaluations.remove': Evaluations;
  'evaluations.answers': EvaluationAnswer[];
  'settings.get': Settings;
  'settings.set': Settings;
  'runtime.describe': RuntimeDescription;
  'runtime.setUp': RuntimeDescription;
  'dialog.open': string | null;
  'dialog.save': string | null;
  'clipboard.write': null;
}

export type RequestName = keyof typeof requestSchemas;
/** What a caller passes: fields with a default may be left out. */
export type RequestInput<N extends RequestName> = z.input<(typeof requestSchemas)[N]>;
/** What a handler gets: parsed, defaults filled in. */
export type ParsedInput<N extends RequestName> = z.output<(typeof requestSchemas)[N]>;
export type RequestOutput<N extends RequestName> = RequestOutputs[N];

export type Handlers = {
  [N in RequestName]: (input: ParsedInput<N>) => RequestOutput<N> | Promise<RequestOutput<N>>;
};
/** A part of the handlers; the shell joins the parts and the compiler checks that none is missing. */
export type HandlersFor<N extends RequestName> = Pick<Handlers, N>;

export type Answer<T> = { ok: true; value: T } | { ok: false; error: ErrorDetails };

/** What the shell sends to windows on its own account. */
export interface Pushes {
  /** New events of one run, in the order of `seq`; at most ten times a second. */
  events: { runId: string; events: RunEvent[] };
  /** Steps were taken out of this run's log and the rest renumbered: take a new snapshot. */
  rewound: { runId: string };
  /** The list of runs has changed. */
  runs: RunSummary[];
  evaluations: Evaluations;
  exportProgress: ModelExportProgress & { id: string };
  generation: GenerationSoFar & { id: string };
  settings: Settings;
  runtime: RuntimeDescription;
  setup: SetupProgress;
  /** A menu entry or notification wants this page, e.g. `/runs/demo-1`. */
  navigate: { to: string };
}
export type PushName = keyof Pushes;
