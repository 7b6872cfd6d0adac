/** `wds report`: what a run did and what came out, as one file to hand on. */
import { extname, join, resolve } from 'node:path';
import { reportFormats } from '../../contract/report.ts';
import type { ReportFormat } from '../../contract/report.ts';
import { writeRunReport } from '../../engine/report/run-report.ts';
import { defaultRunsRoot } from '../../host/run-folders.ts';
import { findRun } from '../../host/run-store.ts';
import type { CommandSpec, ParsedArguments } from '../arguments.ts';
import { parseArguments, usage } from '../arguments.ts';
import { printPdf } from '../print-pdf.ts';
import { printable } from '../text.ts';

export const reportSpec: CommandSpec = {
  name: 'report',
  usage: 'RUN [--format html|pdf|md|json|csv] [--out FILE] [--json]',
  summary: 'Writes the report of a run, finished or not. RUN is an id, or a folder.',
  options: {
    format: {
      value: 'NAME',
      help: 'html, pdf, md (a model card), json or csv; left out: as --out ends, else html',
    },
    out: { value: 'FILE', help: "where to; left out: report.<format> in the run's folder" },
    json: { help: 'print one JSON document' },
  },
  positionals: ['RUN'],
};

export async function report(args: string[]): Promise<number> {
  const given = parseArguments(reportSpec, args);
  const runFolder = findRun(defaultRunsRoot(), given.positionals[0]!);
  const out = given.value('out');
  const format = formatOf(given, out);
  const file = out === undefined ? join(runFolder, `report.${format}`) : resolve(out);
  const { run, findings, missing } = await writeRunReport(runFolder, format, file, printPdf);
  if (given.has('json')) {
    console.log(JSON.stringify({ run: run.id, format, file, findings, missing }));
    return 0;
  }
  for (const sentence of missing) console.error(printable(sentence));
  console.log(printable(file));
  return 0;
}

function formatOf(given: ParsedArguments, out: string | undefined): ReportFormat {
  const ending = out === undefined ? '' : extname(out).slice(1).toLowerCase();
  const name = given.value('format') ?? (isFormat(ending) ? ending : 'html');
  if (!isFormat(name)) {
    throw usage(reportSpec, `--format is html, pdf, md, json or csv, not "${name}".`);
  }
  return name;
}

function isFormat(name: string): name is ReportFormat {
  return (reportFormats as readonly string[]).includes(name);
}
