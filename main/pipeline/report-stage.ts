/** The report: one self-contained file for people, and the same content for machines. */
import { join } from 'node:path';
import { reportStageFiles } from '../engine/report/run-report.ts';
import { hashJson } from './hash.ts';
import type { RunSettings } from './run-settings.ts';
import { runStage } from './stage.ts';
import { readdirSync, readFileSync } from 'node:fs';

export async function reportStage(run: RunSettings): Promise<void> {
  const { context } = run;
  const records = readdirSync(run.stagesFolder)
    .filter((name) => name !== 'report')
    .sort()
    .map((name) => readFileSync(join(run.stagesFolder, name, 'stage.json'), 'utf8'));
  await runStage({
    name: 'report',
    title: 'Writing the report',
    stagesFolder: run.stagesFolder,
    emit: context.emit,
    inputs: { stages: hashJson(records) },
    run: async ({ folder }) => {
      context.flushEvents();
      const files = await reportStageFiles(context.runFolder, folder);
      return { artifact: { files }, summary: join(folder, 'report.html') };
    },
  });
}
