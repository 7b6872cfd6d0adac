/** What runs have left on disk: events, entropies, answers, log. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CurriculumPreview } from '../../main/contract/artifacts.ts';
import type { CurriculumConfig } from '../../main/contract/config.ts';
import type { AnsweredItem } from '../../main/contract/inspection.ts';
import type { HandlersFor } from '../../main/contract/requests.ts';
import { previewCurriculum } from '../../main/engine/curriculum/curriculum-weights.ts';
import type { HeldOutItem } from '../../main/engine/eval/held-out.ts';
import { readEntropies } from '../runs/run-entropies.ts';
import { readEventsAfter, readSnapshot } from '../runs/run-snapshot.ts';
import type { HandlerParts } from './handler-parts.ts';

type Names =
  | 'run.snapshot'
  | 'run.events'
  | 'run.entropies'
  | 'run.log'
  | 'run.answers'
  | 'curriculum.preview';

const eventsAtOnce = 10_000;

export function runDataHandlers({ host }: HandlerParts): HandlersFor<Names> {
  return {
    'run.snapshot': ({ runId }) => {
      host.follow(runId);
      return readSnapshot(host.folder(runId), host.summary(runId));
    },
    'run.events': ({ runId, after }) => readEventsAfter(host.folder(runId), after, eventsAtOnce),
    'run.entropies': ({ runId }) => readEntropies(host.folder(runId)),
    'curriculum.preview': ({ runId, curriculum }) => preview(host.folder(runId), curriculum),
    'run.log': ({ runId, bytes }) => {
      const path = join(host.folder(runId), 'engine.log');
      return existsSync(path) ? readFileSync(path).subarray(-bytes).toString('utf8') : '';
    },
    'run.answers': ({ runId }) => readAnswers(host.folder(runId)),
  };
}

function preview(runFolder: string, config: CurriculumConfig): CurriculumPreview {
  const { entropy0, entropyMiddle, entropy1 } = readEntropies(runFolder);
  const between =
    config.scheme === 'brownboost' && entropyMiddle !== undefined ? [entropyMiddle] : [];
  return previewCurriculum([entropy0, ...between, entropy1], config);
}

/** Held-out items as the evaluate stage left them: one file of lines per model. */
function readAnswers(runFolder: string): AnsweredItem[] {
  const folder = join(runFolder, 'stages', 'evaluate');
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  return files.flatMap((name) => {
    const lines = readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean);
    return lines.map((line, index) => {
      const { id, prompt, expected, text, answer, correct } = JSON.parse(line) as HeldOutItem;
      const model = name.slice(0, -6);
      return { model, index, id, prompt, expected, text, answer, correct };
    });
  });
}
