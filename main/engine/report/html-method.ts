/** The chapters on how the result came about: what was run, curriculum, weak agent, data. */
import type {
  ReportedCheckpoint,
  ReportedCurriculum,
  ReportedData,
  ReportedWeakAgent,
  RunReport,
} from '../../contract/report.ts';
import { termNames } from '../../contract/report.ts';
import { histogramChart } from './chart/histogram-chart.ts';
import { scatterChart } from './chart/scatter-chart.ts';
import { figure, list, section, sourceNote, table } from './html-parts.ts';
import type { Markup } from './markup.ts';
import { markup } from './markup.ts';
import { bytes, count, duration, percent, significant } from './number-text.ts';

const mostCheckpoints = 15;
const termMeanings = ['uncertain at the start', 'entropy fell', 'entropy rose'];

export function methodSection({ stages, run }: RunReport): Markup {
  return section('method', 'What was run', [
    markup`<p>
      Weak-Driven Learning trains a model in three phases. First plain supervised fine-tuning (SFT),
      with the entropy of every training row measured before and after. Then a curriculum: rows are
      drawn by how their entropy changed. Last, joint training: the logits of a weak agent are mixed
      into those of the strong model, which gives wrong tokens back the probability that SFT took
      from them, and with it a gradient. Only the strong model is kept.
    </p>`,
    table(
      ['The stages in their order. ', sourceNote(run.source)],
      [
        { title: 'Stage' },
        { title: 'What' },
        { title: 'Outcome' },
        { title: 'Time', isNumber: true },
      ],
      stages.map((stage) => ({
        cells: [
          markup`<span class="mono nowrap">${stage.stage}</span>`,
          stage.title,
          stage.state === 'done' ? stage.summary : 'begun, not finished',
          duration(stage.seconds),
        ],
      })),
    ),
  ]);
}

export function curriculumSection(curriculum: ReportedCurriculum): Markup {
  const { rows, drawn, distinct, neverDrawn, effectiveSampleSize, heaviestTenth } = curriculum;
  const { meanEntropy0, meanEntropy1, fell, rose, coefficients, scheme, top, histogram } =
    curriculum;
  const drew = `${count(drawn)} rows were drawn with replacement from ${count(rows)}; ${count(distinct)} different ones came up and ${count(neverDrawn)} (${percent(neverDrawn / rows)}) never did.`;
  const spread = `The weights are as concentrated as ${count(effectiveSampleSize)} equally likely rows would be (effective sample size, ${percent(effectiveSampleSize / rows)} of all); the heaviest tenth of the rows holds ${percent(heaviestTenth)} of the weight.`;
  const change = `SFT moved the mean entropy from ${significant(meanEntropy0)} to ${significant(meanEntropy1)} nats: it fell in ${count(fell)} rows and rose in ${count(rose)}.`;
  const source = sourceNote(curriculum.source);
  const each =
    curriculum.scatter.kind === 'rows'
      ? 'Each dot is a training row, its area the row’s weight'
      : 'Each dot is a cell of a 48 × 48 grid, its area the number of training rows in it, fuller where their weight is larger';
  return section('curriculum', 'Curriculum', [
    markup`<p>${drew} ${spread} ${change}</p>`,
    table(
      [
        `Scheme "${scheme}": ${scheme === 'discrepancy' ? 'what each term brings to the sum of all weights.' : 'how far each factor moves the weights, as a share of all.'} `,
        source,
      ],
      [
        { title: 'Term' },
        { title: 'Rows it favours' },
        { title: 'Coefficient', isNumber: true },
        { title: 'Share', isNumber: true },
      ],
      termNames.map((name, term) => ({
        cells: [
          markup`<span class="swatch term${term}"></span>${name}`,
          scheme === 'discrepancy'
            ? termMeanings[term]!
            : ['difficult now', 'improving', 'hard for too long (penalty)'][term]!,
          String(coefficients[term]),
          percent(curriculum.termShares[term]),
        ],
      })),
    ),
    markup`<div class="pair">
      ${figure(scatterChart(curriculum.scatter), [`${each}, its colour the term that leads (as in the table above). Below the diagonal SFT made the model more certain. `, source])}
      ${figure(histogramChart(histogram), [`Rows by weight; 1× is a row without a curriculum. ${histogram.zero > 0 ? `${count(histogram.zero)} rows of weight 0 are not drawn here. ` : ''}`, source])}
    </div>`,
    table(
      ['The rows with the largest weight; relative to uniform. ', source],
      [
        { title: 'Row' },
        { title: 'Text' },
        { title: 'H₀', isNumber: true },
        { title: 'H₁', isNumber: true },
        { title: 'Weight', isNumber: true },
        { title: 'Drawn', isNumber: true },
      ],
      top.map((row) => ({
        cells: [
          markup`<span class="swatch term${row.term}"></span
            ><span class="mono long">${row.id}</span>`,
          markup`<span class="long">${row.text ?? '–'}</span>`,
          significant(row.entropy0),
          significant(row.entropy1),
          `${significant(row.weight * rows, 3)}×`,
          `${count(row.drawn)}×`,
        ],
      })),
    ),
  ]);
}

export function weakAgentSection(agent: ReportedWeakAgent, { checkpoints }: RunReport): Markup {
  const trained = agent.frozen ? 'frozen' : 'trained along';
  return section('weak-agent', 'Why this weak agent', [
    markup`<p>
      The weak agent is ${agent.label}, ${trained}, mixed in with weight 1 − λ =
      ${Number((1 - agent.lambda).toFixed(6))}.
    </p>`,
    list(agent.reasons),
    markup`<p>${sourceNote(agent.source)}</p>`,
    checkpoints.length === 0
      ? null
      : table(
          'Historical checkpoints of this run; any of them can be the weak agent of another run. Held-out loss and entropy in nats per answer token, on the few rows that are measured at every checkpoint; training loss of the last window before it. Source: the manifests in the folders, and events.jsonl for those no longer kept.' +
            (checkpoints.length > mostCheckpoints
              ? ` An even selection of ${count(checkpoints.length)}.`
              : ''),
          [
            { title: 'Checkpoint' },
            { title: 'Held-out loss', isNumber: true },
            { title: 'Held-out entropy', isNumber: true },
            { title: 'Training loss', isNumber: true },
            { title: 'Size', isNumber: true },
            { title: 'Kept' },
          ],
          shownCheckpoints(checkpoints).map((checkpoint) => ({
            emphasis: checkpoint.isWeakAgent,
            cells: [
              markup`<span class="mono nowrap"
                  >${checkpoint.stage} step ${count(checkpoint.step)}</span
                >${checkpoint.isWeakAgent ? ' (weak agent)' : ''}`,
              significant(checkpoint.heldOutLoss),
              significant(checkpoint.heldOutEntropy),
              significant(checkpoint.loss),
              bytes(checkpoint.bytes),
              checkpoint.kept ? 'yes' : 'no',
            ],
          })),
        ),
  ]);
}

/** All of a few; of many an even selection, with the weak agent and the last of each stage. */
function shownCheckpoints(all: readonly ReportedCheckpoint[]): readonly ReportedCheckpoint[] {
  const stride = Math.ceil(all.length / mostCheckpoints);
  return all.filter(
    (checkpoint, index) =>
      index % stride === 0 || checkpoint.isWeakAgent || all[index + 1]?.stage !== checkpoint.stage,
  );
}

export function dataSection(data: ReportedData): Markup {
  const mean = significant(data.tokens / Math.max(1, data.kept), 3);
  const heldOut =
    data.heldOutRows === undefined
      ? ''
      : ` ${count(data.heldOutRows)} rows were held out${
          data.heldOutSeen === undefined
            ? '.'
            : `; the prompts of ${data.heldOutSeen === 0 ? 'none' : count(data.heldOutSeen)} of them also occur in the training rows.`
        }`;
  return section('data', 'Data', [
    markup`<p>
      ${count(data.kept)} of ${count(data.rows)} rows of
      <span class="mono long">${data.file}</span> were used: ${count(data.tokens)} tokens (${mean}
      per row), of which ${count(data.answerTokens)} are answer tokens that the loss is taken over.
      ${count(data.truncated)} rows were cut at the limit, ${count(data.leftOut)} left out;
      ${count(data.duplicates)} say the same as an earlier row.${heldOut} ${sourceNote(data.source)}
    </p>`,
    data.warnings.length === 0 ? null : list(data.warnings),
  ]);
}
