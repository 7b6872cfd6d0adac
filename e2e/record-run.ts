/**
 * Records `renderer/fixtures/recording.json`, which `npm run dev` replays: the events of a finished run
 * and what the real app answers about it, thinned and with short numbers (below 300 kB), without this
 * machine's paths.
 *
 *   node electron/start.mjs --build-only && xvfb-run -a node --import tsx e2e/record-run.ts RUN_FOLDER
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { RunEvent } from '../main/contract/events.ts';
import type { RequestInput, RequestName } from '../main/contract/requests.ts';
import type { RunSnapshot } from '../main/contract/runs.ts';
import type { Comparison } from '../main/contract/comparison.ts';
import { readEvents } from '../main/host/event-reader.ts';
import { compareMetrics } from '../renderer/state/compare-metrics.ts';
import { launchStudio, projectFolder } from './studio.ts';

const [given] = process.argv.slice(2);
if (given === undefined) throw new Error('Give the folder of a finished run.');
const runFolder = resolve(given);
const runId = basename(runFolder);
const home = mkdtempSync(join(tmpdir(), 'record-'));
const target = join(projectFolder, 'renderer', 'fixtures', 'recording.json');
const mostRows = 300;

/** Every `stride`-th step; of what tells progress and memory still less. Numbers stay without holes. */
async function thinnedEvents(): Promise<RunEvent[]> {
  const kept: RunEvent[] = [];
  const seen = new Map<string, number>();
  for await (const event of readEvents(join(runFolder, 'events.jsonl'))) {
    const stride = { step: 4, 'stage-progress': 24, memory: 24 }[event.kind as string] ?? 1;
    const key = `${event.kind} ${'stage' in event ? event.stage : ''}`;
    const index = seen.get(key) ?? 0;
    seen.set(key, index + 1);
    if (index % stride === 0) kept.push(event);
  }
  return kept.map((event, seq) => ({ ...event, seq }));
}

function thinnedComparison(comparison: Comparison): Comparison {
  const every = <T>(values: T[]): T[] => values.filter((_, index) => index % 2 === 0);
  const curves = comparison.curves.map((own) => ({
    ...own,
    curves: own.curves
      .filter(({ metric }) => (compareMetrics as string[]).includes(metric))
      .map(({ metric, step, mean }) => ({
        metric,
        step: every(step),
        mean: every(mean),
        low: [],
        high: [],
      })),
  }));
  const { evaluation } = comparison;
  const items = evaluation?.items.slice(0, 80) ?? [];
  return { ...comparison, curves, evaluation: evaluation && { ...evaluation, items } };
}

/** Typed arrays as `{ typed, values }`, which the fake bridge makes typed arrays again. */
function asJson(value: unknown): string {
  const short = (number: number): number | null =>
    Number.isFinite(number) ? Number(number.toPrecision(5)) : null;
  return JSON.stringify(value, (key, part: unknown) => {
    if (part instanceof Float64Array || part instanceof Uint32Array || part instanceof Uint8Array) {
      const values = Array.from(part.subarray(0, mostRows), short);
      return { typed: part.constructor.name, values };
    }
    if (key === 'ids' && Array.isArray(part)) return part.slice(0, mostRows);
    if (typeof part === 'number' && !Number.isInteger(part)) return short(part);
    return part;
  });
}

/** `model`: of the run, which may have been made in another checkout. */
function withoutPaths(text: string, model: string): string {
  const checkout = model.split('/resources/')[0] ?? projectFolder;
  const places: [string, string][] = [
    [runFolder, `/home/you/runs/${runId}`],
    [join(home, 'data', 'runs'), '/home/you/runs'],
    [home, '/home/you/.config'],
    [checkout, '/home/you/weak-driven-studio'],
    [projectFolder, '/home/you/weak-driven-studio'],
  ];
  return places.reduce((result, [place, name]) => result.replaceAll(place, name), text);
}

mkdirSync(join(home, 'data', 'runs'), { recursive: true });
symlinkSync(runFolder, join(home, 'data', 'runs', runId));
const studio = await launchStudio(home);
try {
  const { config, directory, summary }: RunSnapshot = await studio.ask('run.snapshot', { runId });
  const answers: Record<string, unknown> = {};
  const record = async <N extends RequestName>(name: N, input: RequestInput<N>): Promise<void> => {
    answers[name] = await studio.ask(name, input);
  };
  const models = [{ runId, member: 'baseline' as const }, { runId }];
  const model = join(projectFolder, 'resources', 'demo', 'base');
  const { data, batch, lossOn, curriculum, evaluation } = config;
  const demoData = { ...data, file: join(projectFolder, 'resources', 'demo', 'train.jsonl') };
  await record('settings.get', {});
  answers['runtime.describe'] = {
    ...(await studio.ask('runtime.describe', {})),
    platform: 'Linux x64',
  };
  await record('presets.list', {});
  await record('run.entropies', { runId });
  await record('run.log', { runId, bytes: 4000 });
  await record('run.sample', { runId, index: 0 });
  await record('curriculum.preview', { runId, curriculum });
  await record('config.check', { config: { ...config } });
  await record('config.write', { config: { ...config } });
  await record('plan', {
    config: {
      ...config,
      model,
      data: demoData,
      evaluation: { ...evaluation, heldOut: demoData.file },
    },
  });
  await record('model.inspect', { path: model });
  await record('model.lineage', {});
  await record('data.preview', {
    model,
    data: demoData,
    maxLength: batch.maxLength,
    lossOn,
    rows: 4,
  });
  const question = { prompt: 'What is 17 + 25?', completion: '7+5=12\n1+2+1=4\n#### 42' };
  await record('mix.inspect', {
    strong: join(runFolder, 'model'),
    weak: model,
    ...question,
    lambda: 0.5,
  });
  await record('generate', {
    id: crypto.randomUUID(),
    models: [{ runId }],
    prompt: question.prompt,
  });
  const all = await studio.ask('run.answers', { runId });
  answers['run.answers'] = all.filter(({ index }) => index < 60);
  const comparison = await studio.ask('compare', { models, weights: true });
  answers['compare'] = thinnedComparison(comparison);
  const recording = { summary, config, directory, events: await thinnedEvents(), answers };
  writeFileSync(target, `${withoutPaths(asJson(recording), config.model)}\n`);
  console.log(`${target}: ${Math.ceil(statSync(target).size / 1000)} kB`);
} finally {
  await studio.app.close();
  rmSync(home, { recursive: true, force: true });
}
