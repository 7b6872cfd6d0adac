/** The stages of the method as a line of bars: what is done, what is under way, what it took. */
import { Text, Tooltip } from '@mantine/core';
import { stageNames } from '../../main/contract/events.ts';
import type { StageName } from '../../main/contract/events.ts';
import type { RunConfig } from '../../main/contract/config.ts';
import { duration } from '../state/numbers.ts';
import type { RunState, StageState } from '../state/run-state.ts';

export const stageLabels: Record<StageName, string> = {
  examples: 'Examples',
  'entropy-0': 'Base entropy',
  sft: 'SFT',
  'entropy-middle': 'Mid entropy',
  'entropy-1': 'm1 entropy',
  curriculum: 'Curriculum',
  joint: 'Joint training',
  baseline: 'SFT baseline',
  neftune: 'NEFTune',
  undial: 'UNDIAL',
  extract: 'Extract',
  evaluate: 'Evaluate',
  report: 'Report',
};

function share(stage: StageState, state: RunState, name: StageName): number {
  if (stage.status === 'done' || stage.status === 'cached') return 1;
  if (stage.status === 'waiting') return 0;
  const series = state.series[name];
  if (series !== undefined && series.length > 0 && series.steps > 0) {
    return (series.step[series.length - 1] ?? 0) / series.steps;
  }
  return stage.total === undefined || stage.total === 0 ? 0.05 : (stage.done ?? 0) / stage.total;
}

function note(stage: StageState, reached: number): string {
  if (stage.status === 'cached') return 'reused';
  if (stage.status === 'done') return `✓ ${duration(stage.seconds)}`;
  if (stage.status === 'waiting') return 'waiting';
  const left = stage.remaining === undefined ? '' : ` · ${duration(stage.remaining)}`;
  return `${Math.floor(reached * 100)} %${left}`;
}

export function PhaseTimeline({ state, config }: { state: RunState; config: RunConfig }) {
  const shown = stageNames.filter(
    (name) =>
      ((name !== 'baseline' && name !== 'neftune' && name !== 'undial') || config[name]) &&
      (name !== 'entropy-middle' || config.curriculum.scheme === 'brownboost'),
  );
  return (
    <ol
      className="timeline"
      aria-label="Stages"
      style={{ listStyle: 'none', margin: 0, padding: 0 }}
    >
      {shown.map((name) => {
        const stage = state.stages[name];
        const reached = share(stage, state, name);
        const text = note(stage, reached);
        const hint = stage.summary ?? stage.title ?? `${stageLabels[name]}: ${text}`;
        return (
          <li key={name} className="timeline-stage" data-stage={name} data-status={stage.status}>
            <Tooltip label={hint} multiline maw={320}>
              <div>
                <div className="timeline-bar">
                  <div className="timeline-fill" style={{ width: `${reached * 100}%` }} />
                </div>
                <Text size="sm" fw={stage.status === 'running' ? 600 : 400} className="ellipsis">
                  {stageLabels[name]}
                </Text>
                <Text size="xs" c="dimmed" className="ellipsis">
                  {text}
                </Text>
              </div>
            </Tooltip>
          </li>
        );
      })}
    </ol>
  );
}
