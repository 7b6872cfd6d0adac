/**
 * The report as one HTML file that needs nothing else: no scripts, no requests (its own content security
 * policy forbids both), drawings inline, light and dark, and A4 pages when printed.
 */
import type { RunReport } from '../../contract/report.ts';
import { curvesSection } from './html-curves.ts';
import { curriculumSection, dataSection, methodSection, weakAgentSection } from './html-method.ts';
import { section, sourceNote, table } from './html-parts.ts';
import { evaluationSection, limitsSection, samplesSection, titleBlock } from './html-result.ts';
import { htmlPage } from './html-page.ts';
import type { Markup } from './markup.ts';
import { markup } from './markup.ts';
import { bytes } from './number-text.ts';

export function htmlReport(report: RunReport): string {
  const { evaluation, curriculum, weakAgent, data } = report;
  const chapters: [id: string, title: string, content: Markup | null][] = [
    ['evaluation', 'Evaluation', evaluation && evaluationSection(evaluation)],
    ['method', 'What was run', methodSection(report)],
    ['curriculum', 'Curriculum', curriculum && curriculumSection(curriculum)],
    ['weak-agent', 'Weak agent', weakAgent && weakAgentSection(weakAgent, report)],
    ['curves', 'Curves', curvesSection(report)],
    ['samples', 'Items', evaluation && samplesSection(evaluation)],
    ['data', 'Data', data && dataSection(data)],
    ['limits', 'Limits', limitsSection(report.limits)],
    ['reproduce', 'Reproduce', reproduceSection(report)],
  ];
  const present = chapters.filter(([, , content]) => content !== null);
  return htmlPage(
    `${report.run.name} · run report`,
    markup`${titleBlock(report)}
        <nav aria-label="Chapters">
          ${present.map(([id, title]) => markup`<a href="#${id}">${title}</a> `)}
        </nav>
        ${present.map(([, , content]) => content)}
        <footer>
          Written by Weak-Driven Studio from the files of this run. Every number names the file it
          was computed from; hashes are the first 12 digits of SHA-256, in full in the last table.
        </footer>`,
  );
}

function reproduceSection(report: RunReport): Markup {
  const { configuration, environment, artifacts, warnings, stages, data } = report;
  const { node, platform, tensorflow } = environment.writtenWith;
  const programs = environment.programs.map(
    ({ version, device, threads }) =>
      `Weak-Driven Studio ${version} on ${device}, ${threads} threads`,
  );
  const memory = environment.peakMemoryBytes;
  const rows: [string, number | undefined, string | undefined][] = [
    [configuration.source.file, undefined, configuration.source.sha256],
    [
      `${report.run.source.file} (first ${report.run.source.events} lines)`,
      undefined,
      report.run.source.sha256,
    ],
    ...(data?.fileHash
      ? [[data.file, undefined, data.fileHash] as [string, undefined, string]]
      : []),
    ...report.modelFiles.flatMap(({ role, name, fingerprint, files }) => [
      [`${role}: ${name}`, undefined, fingerprint] as [string, undefined, string],
      ...files.map(
        (file) => [`${name}/${file.name}`, file.bytes, file.sha256] as [string, number, string],
      ),
    ]),
    ...artifacts.map(
      ({ file, bytes: size, sha256 }) =>
        [file, size, sha256] as [string, number, string | undefined],
    ),
    ...stages.flatMap(({ stage, inputHash }) =>
      inputHash
        ? [[`inputs of ${stage}`, undefined, inputHash] as [string, undefined, string]]
        : [],
    ),
  ];
  return section('reproduce', 'Reproduce', [
    markup`<p>Save the configuration below as <code>config.yaml</code>, set the paths, and run:</p>`,
    markup`<pre><code>${configuration.command}</code></pre>`,
    markup`<p>
      Same configuration, seed and kind of device give the same losses; on a CPU bit for bit.
    </p>`,
    markup`<dl class="facts">
      <dt>Program</dt>
      <dd>${programs.join('; ') || '–'}</dd>
      <dt>Report written with</dt>
      <dd>Node.js ${node}, ${platform}${tensorflow ? `, TensorFlow ${tensorflow}` : ''}</dd>
      ${
        memory === undefined
          ? null
          : markup`<dt>Peak memory</dt>
              <dd>${bytes(memory)}</dd>`
      }
      ${
        report.run.resumes === 0
          ? null
          : markup`<dt>Resumed</dt>
              <dd>${report.run.resumes}×</dd>`
      }
    </dl>`,
    warnings.length === 0
      ? null
      : markup`<h3>Warnings of the run</h3>
          <ul class="prose">
            ${warnings.map(({ message, times }) => markup`<li>${message}${times > 1 ? ` (${times}×)` : ''}</li>`)}
          </ul>`,
    markup`<h3>Configuration</h3>
      <p>${sourceNote(configuration.source)}</p>
      <pre class="config"><code>${configuration.yaml}</code></pre>`,
    table(
      'Files this report rests on. A stage’s inputs hash covers its part of the configuration and the hashes of what it read; a model’s fingerprint is the hash of what sha256sum *.json *.safetensors prints in its folder.',
      [{ title: 'File' }, { title: 'Size', isNumber: true }, { title: 'SHA-256' }],
      rows.map(([file, size, hash]) => ({
        cells: [
          markup`<span class="mono long">${file}</span>`,
          size === undefined ? '' : bytes(size),
          markup`<span class="hash">${hash ?? '–'}</span>`,
        ],
      })),
    ),
  ]);
}
