/**
 * The report as the model card of the enhanced model, in the layout of the Hugging Face hub: YAML front
 * matter (library, task, tags, results as model-index), then what it is, how it did, how it was made.
 * Saved as README.md beside the weights it is the card of that folder.
 */
import { basename } from 'node:path';
import { stringify } from 'yaml';
import type { RunReport } from '../../contract/report.ts';
import { termNames } from '../../contract/report.ts';
import { mdFence, mdTable, mdText } from './markdown-text.ts';
import {
  absent,
  bytes,
  count,
  duration,
  percent,
  points,
  pValue,
  signedPoints,
  significant,
} from './number-text.ts';
import { plainLine } from './plain-text.ts';

export function markdownReport(report: RunReport): string {
  const { run, missing, limits, weakAgent, configuration } = report;
  const parts: (string | null)[] = [
    `---\n${frontMatter(report)}---`,
    `# ${mdText(run.name)}`,
    `Trained with Weak-Driven Learning (WMSS): supervised fine-tuning, an entropy-weighted curriculum, then joint training with a weak agent whose logits are mixed in. Only the strong model is kept; its architecture and cost are those of the base model ${mdText(basename(run.model) || 'it started from')}.`,
    missing.length === 0
      ? null
      : `> **This report is incomplete.** ${missing.map(mdText).join(' ')}`,
    `## Result\n\n${mdText(report.findings.join(' '))}`,
    evaluationPart(report),
    weakAgent &&
      `## Weak agent\n\nThe weak agent was ${mdText(weakAgent.label)} (${weakAgent.frozen ? 'frozen' : 'trained along'}, λ = ${weakAgent.lambda}).\n\n${bullets(weakAgent.reasons)}`,
    curriculumPart(report),
    trainingPart(report),
    samplesPart(report),
    limits.length === 0 ? null : `## Limits\n\n${bullets(limits)}`,
    `## Reproduce\n\nSave the configuration as \`config.yaml\`, set the paths, and run:\n\n${mdFence(configuration.command, 'sh')}\n\n${mdFence(configuration.yaml, 'yaml')}`,
    environmentPart(report),
    artifactsPart(report),
  ];
  return `${parts.filter((part) => part !== null).join('\n\n')}\n`;
}

/** As huggingface_hub reads it; names one line, nothing that YAML could take for its own. */
function frontMatter({ run, evaluation }: RunReport): string {
  const model = evaluation?.models.find((one) => one.model === 'weak-driven');
  const dataset = plainLine(basename(run.heldOutFile ?? '')) || 'held-out rows';
  const metrics = model && [
    ...(model.accuracy === undefined
      ? []
      : [
          {
            type: 'accuracy',
            name: `exact match of ${model.items} greedy answers`,
            value: round(model.accuracy),
          },
        ]),
    { type: 'loss', name: 'held-out loss, nats per answer token', value: round(model.loss) },
  ];
  const task = { type: 'text-generation', name: 'Text generation' };
  return stringify(
    {
      library_name: 'transformers',
      pipeline_tag: 'text-generation',
      tags: ['weak-driven-learning', 'wmss', 'qwen3', 'post-training'],
      ...(metrics && {
        'model-index': [
          {
            name: plainLine(run.name) || run.id,
            results: [{ task, dataset: { type: 'custom', name: dataset }, metrics }],
          },
        ],
      }),
    },
    { lineWidth: 0 },
  );
}

function evaluationPart({ evaluation }: RunReport): string | null {
  if (evaluation === null) return null;
  const label = (name: string): string =>
    evaluation.models.find(({ model }) => model === name)?.label ?? name;
  const models = mdTable(
    ['Model', 'Steps', 'Items', 'Accuracy', '95 % CI (Wilson)', 'Held-out loss', 'Entropy'],
    'lrrrrrr',
    evaluation.models.map((model) => [
      mdText(model.label),
      count(model.steps),
      count(model.items),
      percent(model.accuracy),
      model.accuracyLow === undefined
        ? absent
        : `${points(model.accuracyLow)} to ${points(model.accuracyHigh!)}`,
      significant(model.loss),
      significant(model.entropy),
    ]),
  );
  const comparisons = mdTable(
    [
      'Against the reference',
      'Fixed',
      'Broken',
      'Both right',
      'Both wrong',
      'Difference (points)',
      '95 % CI (Newcombe)',
      'McNemar exact',
    ],
    'lrrrrrrr',
    evaluation.comparisons.map((comparison) => [
      `${mdText(label(comparison.candidate))} vs ${mdText(label(comparison.reference))}`,
      count(comparison.fixed),
      count(comparison.broken),
      count(comparison.bothCorrect),
      count(comparison.bothWrong),
      signedPoints(comparison.difference),
      `${signedPoints(comparison.low)} to ${signedPoints(comparison.high)}`,
      pValue(comparison.pValue).replace('<', '&lt;'),
    ]),
  );
  const tables = evaluation.comparisons.length === 0 ? models : `${models}\n\n${comparisons}`;
  return `## Evaluation\n\n${tables}\n\nSource: \`${evaluation.source.file}\`. Losses and entropies in nats per answer token.`;
}

function curriculumPart({ curriculum }: RunReport): string | null {
  if (curriculum === null) return null;
  const { rows, drawn, distinct, neverDrawn, effectiveSampleSize, termShares, source } = curriculum;
  const shares = termNames.map((name, term) => `${name} ${percent(termShares[term])}`).join(', ');
  const heaviest = mdTable(
    ['Row', 'Text', 'H0', 'H1', 'Weight (uniform = 1)', 'Drawn'],
    'llrrrr',
    curriculum.top.map((row) => [
      mdText(String(row.id)),
      mdText(row.text ?? absent),
      significant(row.entropy0),
      significant(row.entropy1),
      significant(row.weight * rows, 3),
      count(row.drawn),
    ]),
  );
  return `## Curriculum\n\nScheme ${curriculum.scheme} (α ${curriculum.coefficients[0]}, β ${curriculum.coefficients[1]}, γ ${curriculum.coefficients[2]}): ${count(drawn)} rows drawn from ${count(rows)}, ${count(distinct)} of them different, ${count(neverDrawn)} never drawn; effective sample size ${count(effectiveSampleSize)}. Share of the weight: ${shares}. Mean entropy ${significant(curriculum.meanEntropy0)} nats before and ${significant(curriculum.meanEntropy1)} after SFT.\n\n${heaviest}\n\nSource: \`${source.file}\`.`;
}

function trainingPart({ training, data }: RunReport): string | null {
  if (training.length === 0) return null;
  const last = (stage: (typeof training)[number]): string =>
    significant(stage.curves.find(({ metric }) => metric === 'loss')?.mean.at(-1));
  const stages = mdTable(
    ['Stage', 'Steps', 'Tokens', 'Answer tokens', 'Last loss', 'Time'],
    'lrrrrr',
    training.map((stage) => [
      stage.stage,
      stage.steps === stage.plannedSteps
        ? count(stage.steps)
        : `${count(stage.steps)} of ${count(stage.plannedSteps)}`,
      count(stage.tokens),
      count(stage.answerTokens),
      last(stage),
      duration(stage.seconds),
    ]),
  );
  const rows =
    data === null
      ? ''
      : `${count(data.kept)} of ${count(data.rows)} rows of ${mdText(basename(data.file))} were used, ${count(data.answerTokens)} answer tokens; ${count(data.truncated)} rows were cut at the length limit.\n\n`;
  return `## Training\n\n${rows}${stages}\n\nSource: \`events.jsonl\`.`;
}

function samplesPart({ evaluation }: RunReport): string | null {
  if (!evaluation || evaluation.samples.length === 0) return null;
  const label =
    evaluation.models.find(({ model }) => model === evaluation.reference)?.label ?? 'Reference';
  const mark = (correct: boolean): string => (correct ? 'right' : 'wrong');
  const items = evaluation.samples.map(
    ({ id, outcome, prompt, expected, reference, candidate }) =>
      `### Item ${mdText(String(id))}: ${outcome}\n\nExpected: ${mdText(expected)}\n\n${mdFence(prompt, 'text')}\n\n${mdText(label)} (${mark(reference.correct)}):\n\n${mdFence(reference.text, 'text')}\n\nWeak-driven (${mark(candidate.correct)}):\n\n${mdFence(candidate.text, 'text')}`,
  );
  return `## Items side by side\n\nThe first of each kind in the order of the file, not chosen.\n\n${items.join('\n\n')}`;
}

function environmentPart({ environment, run }: RunReport): string {
  const { node, platform, tensorflow } = environment.writtenWith;
  const programs = environment.programs.map(
    ({ version, device, threads }) =>
      `Weak-Driven Studio ${mdText(version)} on ${mdText(device)}, ${threads} threads`,
  );
  return `## Environment\n\n${[
    ...programs,
    `Report written with Node.js ${node} on ${platform}${tensorflow ? `, TensorFlow ${tensorflow}` : ''}`,
    `${duration(run.seconds)} in work${run.resumes === 0 ? '' : `, resumed ${run.resumes}×`}`,
  ]
    .map((line) => `- ${line}`)
    .join('\n')}`;
}

function artifactsPart({ artifacts, configuration, run, data, modelFiles }: RunReport): string {
  const code = (text: string): string => `\`${plainLine(text).replace(/[`|]/g, '')}\``;
  const rows = [
    [code(configuration.source.file), '', code(configuration.source.sha256 ?? absent)],
    [
      `${code(run.source.file)} (first ${run.source.events} lines)`,
      '',
      code(run.source.sha256 ?? absent),
    ],
    ...(data?.fileHash ? [[code(basename(data.file)), '', code(data.fileHash)]] : []),
    ...modelFiles.flatMap(({ role, name, fingerprint, files }) => [
      [`${role} model ${code(name)}, fingerprint`, '', code(fingerprint)],
      ...files.map((file) => [code(`${name}/${file.name}`), bytes(file.bytes), code(file.sha256)]),
    ]),
    ...artifacts.map(({ file, bytes: size, sha256 }) => [
      code(file),
      bytes(size),
      code(sha256 ?? absent),
    ]),
  ];
  return `## Files\n\n${mdTable(['File', 'Size', 'SHA-256'], 'lrl', rows)}`;
}

function bullets(sentences: readonly string[]): string {
  return sentences.map((sentence) => `- ${mdText(sentence)}`).join('\n');
}

function round(value: number): number {
  return Number(value.toPrecision(6));
}
