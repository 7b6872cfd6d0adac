/** What several models say to one prompt, in columns, while they say it. */
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { GenerationState } from '../state/use-generation.ts';
import { count, duration } from '../state/numbers.ts';
import { Failure } from './failure.tsx';

function Answer({ state, model }: { state: GenerationState; model: number }) {
  const { status, soFar, done } = state;
  const end = done?.answers[model];
  if (end !== undefined && 'error' in end) return <Failure error={end.error} />;
  const said = soFar[model];
  const text = end?.text ?? said?.text ?? '';
  const tokens = end?.ids.length ?? said?.tokens ?? 0;
  return (
    <>
      <Text className="mono selectable diff" aria-live="off">
        {text}
        {status === 'running' && said !== undefined && <span className="caret" aria-hidden />}
      </Text>
      <Text size="xs" c="dimmed" mt={4}>
        {end !== undefined
          ? `${count(tokens)} tokens in ${duration(end.seconds)}, ${end.finishReason === 'stop' ? 'ended by itself' : 'reached the limit'}`
          : said !== undefined
            ? `${count(tokens)} tokens${status === 'running' ? ' so far' : ', stopped'}`
            : status === 'running'
              ? 'opening the model…'
              : 'nothing yet when it was stopped'}
      </Text>
    </>
  );
}

/** @param names one heading for each model, in the order in which they were asked */
export function GeneratedTexts({ state, names }: { state: GenerationState; names: ReactNode[] }) {
  if (state.status === null) return null;
  if (state.error !== null) return <Failure error={state.error} />;
  return (
    <div className="compared-texts" role="group" aria-label="Answers to the prompt">
      {names.map((name, model) => (
        <div key={model} style={{ minWidth: 0 }}>
          {name}
          <Answer state={state} model={model} />
        </div>
      ))}
    </div>
  );
}
