/** One training sample, its answer tokens coloured by entropy under the base and under m1. */
import { Drawer, SegmentedControl, Skeleton, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useRequest } from '../bridge/use-request.ts';
import { significant } from '../state/numbers.ts';
import { Failure } from './failure.tsx';
import { TokenStrip } from './token-strip.tsx';

interface Props {
  runId: string;
  index: number | null;
  onClose: () => void;
}

export function SampleDrawer({ runId, index, onClose }: Props) {
  const [model, setModel] = useState<'entropy0' | 'entropy1'>('entropy0');
  const sample = useRequest('run.sample', index === null ? null : { runId, index });
  const tokens = sample.data?.tokens ?? [];
  const scale = Math.max(
    0.5,
    ...tokens.map(({ entropy0, entropy1 }) => Math.max(entropy0 ?? 0, entropy1 ?? 0)),
  );
  return (
    <Drawer
      opened={index !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={sample.data === null ? 'Sample' : `Sample ${sample.data.id}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {sample.error !== null && <Failure error={sample.error} />}
      {sample.loading && sample.data === null && (
        <Stack>
          <Text c="dimmed" size="sm">
            Measuring the entropy of every answer token under both models…
          </Text>
          <Skeleton h={120} />
        </Stack>
      )}
      {sample.data !== null && (
        <Stack>
          <SegmentedControl
            aria-label="Model"
            value={model}
            onChange={(value) => setModel(value === 'entropy1' ? 'entropy1' : 'entropy0')}
            data={[
              { value: 'entropy0', label: 'Base (H0)' },
              { value: 'entropy1', label: 'm1 (H1)' },
            ]}
          />
          <TokenStrip
            entropyScale={scale}
            tokens={tokens.map((token) => {
              const entropy = token[model];
              return entropy === undefined ? token : { ...token, entropy };
            })}
          />
          <Text size="xs" c="dimmed">
            {`Dark = certain, bright = uncertain; the scale ends at ${significant(scale)} nats.`}
          </Text>
        </Stack>
      )}
    </Drawer>
  );
}
