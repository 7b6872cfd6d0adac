/** What the Evaluate page's form asks for: one request for each model, everything else the same. */
import { benchmarkNames } from '../../main/contract/evaluation.ts';
import type { EvaluationRequestInput } from '../../main/contract/evaluation.ts';

export type BenchmarkName = (typeof benchmarkNames)[number];

export const benchmarkTitles: Record<BenchmarkName, string> = {
  gsm8k: 'GSM8K: grade-school mathematics',
  math500: 'MATH-500: competition mathematics',
  aime2025: 'AIME 2025: 30 olympiad problems',
  amc23: 'AMC 23: 40 contest problems',
  mawps: 'MAWPS: arithmetic word problems',
  svamp: 'SVAMP: varied word problems',
  aqua: 'AQuA: multiple choice with reasoning',
  humaneval: 'HumanEval: 164 Python functions',
  mbpp: 'MBPP: basic Python programs',
};

/** Programs that a model writes run in a sandbox only, and not on every machine. */
export const codeBenchmarks: readonly string[] = ['humaneval', 'mbpp'];

/** Chosen in place of a benchmark: a YAML file says what is asked and how answers are judged. */
export const ownTask = 'own';

export interface EvaluationForm {
  models: string[];
  task: BenchmarkName | typeof ownTask;
  taskFile: string;
  data: string;
  samples: number;
  limit: number | '';
  maxNewTokens: number | '';
  temperature: number | '';
  seed: number;
  precision: 'f32' | 'bf16';
}

export const emptyForm: EvaluationForm = {
  models: [],
  task: 'gsm8k',
  taskFile: '',
  data: '',
  samples: 1,
  limit: '',
  maxNewTokens: '',
  temperature: '',
  seed: 42,
  precision: 'f32',
};

export const mostModels = 6;

/** What keeps it from being started; null when it can be. */
export function openQuestion(form: EvaluationForm): string | null {
  if (form.models.length === 0) return 'Choose at least one model.';
  if (form.models.length > mostModels) return `At most ${mostModels} models at once.`;
  if (form.task === ownTask && form.taskFile === '') return 'Choose the task file.';
  if (form.task !== ownTask && form.data === '') return 'Choose the data file of the benchmark.';
  if (form.samples > 1 && form.temperature === 0) {
    return 'Several samples at temperature 0 would all be the same.';
  }
  return null;
}

/** Fields left empty take the benchmark's own values. */
export function toRequests(form: EvaluationForm): EvaluationRequestInput[] {
  const { models, task, taskFile, data, samples, seed, precision } = form;
  const given = (['limit', 'maxNewTokens', 'temperature'] as const).flatMap((name) =>
    form[name] === '' ? [] : [[name, form[name]] as const],
  );
  return models.map((model) => ({
    model,
    task: task === ownTask ? taskFile : task,
    ...(data === '' ? {} : { data }),
    samples,
    seed,
    precision,
    ...Object.fromEntries(given),
  }));
}
