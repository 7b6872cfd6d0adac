/** `wds study FILE.yaml`: arms x seeds, resumable; the numbers and the page that they make. */
import { resolve } from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import { studySchema, type Study } from '../../contract/study.ts';
import { readConfigFile } from '../../host/config-text.ts';
import { onStopSignals } from '../../host/signals.ts';
import { version } from '../../host/version.ts';
import { modelsOf, readModel, runStudy } from '../../pipeline/study.ts';
import { writeStudyResult } from '../../pipeline/study/study-result.ts';
import type { CommandSpec } from '../arguments.ts';
import { parseArguments, usage } from '../arguments.ts';
import { formatSeconds, printable } from '../text.ts';

export const studySpec: CommandSpec = {
  name: 'study',
  usage: 'FILE.yaml --out DIR [--seed N ...] [--block NAME ...] [--arm NAME ...] [--report]',
  summary:
    'Runs arms x seeds and writes study.json, study.md and study.html; the same command goes on.',
  positionals: ['FILE'],
  options: {
    out: { value: 'DIR', help: 'where the study lies' },
    seed: { value: 'N', repeated: true, help: 'only this seed' },
    block: { value: 'NAME', repeated: true, help: 'only this block' },
    arm: {
      value: 'NAME',
      repeated: true,
      help: 'only this arm; the result is of these arms alone',
    },
    report: { help: 'only write the result of what has been run' },
    json: { help: 'print one JSON document' },
    help: { help: 'show this' },
  },
};

export async function study(args: string[]): Promise<number> {
  const given = parseArguments(studySpec, args);
  const [file] = given.positionals;
  if (file === undefined) throw usage(studySpec, 'Name the study file.');
  const folder = resolve(given.required('out'));
  const whole = withArms(readStudy(resolve(file)), given.values('arm'));
  const part = restricted(whole, given.values('seed').map(Number), given.values('block'));
  let stopped = false;
  if (!given.has('report')) {
    const forget = onStopSignals(
      () => (stopped = true),
      () => process.exit(130),
    );
    try {
      await runStudy(part, folder, {
        version,
        stopRequested: () => stopped,
        ...progress(part, folder),
      });
    } catch (error) {
      if (!(error instanceof StudioError && error.code === 'stopped')) throw error;
      process.stderr.write(
        `Stopped. ${printable(`To go on: wds study ${file} --out ${folder}`)}\n`,
      );
    } finally {
      forget();
    }
  }
  const files = writeStudyResult(whole, folder);
  if (given.has('json')) console.log(JSON.stringify({ folder, stopped, files }));
  else console.log(files.map((path) => printable(path)).join('\n'));
  return 0;
}

function readStudy(path: string): Study {
  const parsed = studySchema.safeParse(readConfigFile(path));
  if (parsed.success) return parsed.data;
  const { path: field, message } = parsed.error.issues[0]!;
  const hint = 'resources/study/study.yaml is an example.';
  throw new StudioError('config-invalid', `${path}: ${field.join('.')}: ${message}.`, hint);
}

function withArms(study: Study, arms: readonly string[]): Study {
  if (arms.length === 0) return study;
  const blocks = study.blocks
    .map((block) => ({ ...block, arms: block.arms.filter((arm) => arms.includes(arm)) }))
    .filter((block) => block.arms.length > 0);
  if (blocks.length > 0) return { ...study, blocks };
  throw usage(studySpec, 'The study has no such arm.');
}

function restricted(whole: Study, seeds: readonly number[], blocks: readonly string[]): Study {
  const wanted = whole.blocks
    .filter(({ name }) => blocks.length === 0 || blocks.includes(name))
    .map((block) => ({
      ...block,
      seeds: block.seeds.filter((seed) => seeds.length === 0 || seeds.includes(seed)),
    }))
    .filter((block) => block.seeds.length > 0);
  if (wanted.length > 0) return { ...whole, blocks: wanted };
  throw usage(studySpec, 'The study has no such block or seed.');
}

/** One line a model, with the time that the rest will take at the rate of this sitting. */
function progress(study: Study, folder: string) {
  const all = study.blocks.flatMap((block) =>
    block.seeds.flatMap((seed) => modelsOf(block, seed).map((arm) => ({ block, seed, arm }))),
  );
  let open = all.filter(
    ({ block, seed, arm }) => readModel(study, block, arm, seed, folder) === null,
  ).length;
  const total = all.length;
  const started = performance.now();
  let finished = 0;
  let shown = 0;
  const say = (text: string): unknown => process.stderr.write(`${printable(text)}\n`);
  say(`${total} models, ${total - open} of them measured before`);
  return {
    onStep(label: string, step: number, steps: number) {
      if (performance.now() - shown < 10_000) return;
      shown = performance.now();
      say(`  ${label}: step ${step} of ${steps}`);
    },
    onModel(block: Study['blocks'][number], seed: number, arm: string) {
      finished++;
      open--;
      const left = ((performance.now() - started) / 1000 / finished) * open;
      say(
        `${total - open}/${total} ${block.title}, seed ${seed}, ${arm} · about ${formatSeconds(left)} to go`,
      );
    },
  };
}
