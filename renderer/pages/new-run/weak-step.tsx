/** Which historical checkpoint is the weak agent: from the lineage, any folder, or one to come. */
import {
  Alert,
  Button,
  Group,
  NumberInput,
  SegmentedControl,
  Skeleton,
  Stack,
  Text,
} from '@mantine/core';
import { useState } from 'react';
import { useRequest } from '../../bridge/use-request.ts';
import { Failure } from '../../components/failure.tsx';
import { LineageTree } from '../../components/lineage-tree.tsx';
import { ModelFactsPanel } from '../../components/model-facts.tsx';
import { PathField } from '../../components/path-field.tsx';
import { WhyNote } from '../../components/why-note.tsx';
import { useShared } from '../../state/store.ts';
import type { StepProps } from './step-props.ts';

type Way = 'lineage' | 'step' | 'folder';

export function WeakStep({ draft, change }: StepProps) {
  const recent = useShared().settings?.recentModels ?? [];
  const planned = /^checkpoint:(\d+)$/.exec(draft.weak);
  const [way, setWay] = useState<Way>(planned === null ? 'lineage' : 'step');
  const lineage = useRequest('model.lineage', draft.model === '' ? {} : { strong: draft.model });
  const recommended = lineage.data?.recommended;
  const weakOf = (path: string): string => (path === lineage.data?.strong ? 'base' : path);
  return (
    <Stack>
      <WhyNote id="weak-agent">
        The weak agent still puts mass on wrong tokens. It should be clearly weaker than the strong
        model, but of the same family: an earlier checkpoint of the same training is ideal.
      </WhyNote>
      <SegmentedControl
        aria-label="Where the weak agent comes from"
        style={{ alignSelf: 'flex-start' }}
        value={way}
        onChange={(value) => setWay(value as Way)}
        data={[
          { value: 'lineage', label: 'From the lineage' },
          { value: 'step', label: 'A step of this run’s SFT' },
          { value: 'folder', label: 'Another folder' },
        ]}
      />
      {way === 'lineage' && lineage.error !== null && <Failure error={lineage.error} />}
      {way === 'lineage' && lineage.data === null && lineage.loading && <Skeleton h={90} />}
      {way === 'lineage' && lineage.data !== null && (
        <>
          {recommended !== undefined && (
            <Group wrap="nowrap" align="flex-start" justify="space-between">
              <Text size="sm" c="dimmed">
                {recommended.reason}
              </Text>
              <Button
                variant="light"
                style={{ flex: 'none' }}
                disabled={draft.weak === weakOf(recommended.id)}
                onClick={() => change({ weak: weakOf(recommended.id) })}
              >
                Take it
              </Button>
            </Group>
          )}
          <LineageTree
            lineage={lineage.data}
            chosen={draft.weak}
            onChoose={(node) => change({ weak: weakOf(node.path) })}
          />
        </>
      )}
      {way === 'step' && (
        <>
          <NumberInput
            w={240}
            label="Checkpoint of SFT at step"
            description={`Saved every ${draft.checkpoints.everySteps} steps, the last ${draft.checkpoints.keep} are kept`}
            min={1}
            value={planned === null ? '' : Number(planned[1])}
            onChange={(value) =>
              typeof value === 'number' && change({ weak: `checkpoint:${value}` })
            }
          />
          {planned !== null && Number(planned[1]) % draft.checkpoints.everySteps !== 0 && (
            <Alert color="yellow" title={`No checkpoint is saved at step ${planned[1]}`}>
              {`Choose a multiple of ${draft.checkpoints.everySteps}, or change how often checkpoints are saved.`}
            </Alert>
          )}
        </>
      )}
      {way === 'folder' && (
        <>
          <PathField
            label="Weak agent"
            description="Same vocabulary and tokenizer as the strong model"
            kind="folder"
            value={draft.weak === 'base' || planned !== null ? '' : draft.weak}
            recent={recent}
            onChange={(weak) => change({ weak: weak === '' ? 'base' : weak })}
          />
          <ModelFactsPanel path={draft.weak === 'base' || planned !== null ? '' : draft.weak} />
        </>
      )}
      <Text size="sm">
        {draft.weak === 'base'
          ? 'Weak agent: the base model this run starts from.'
          : `Weak agent: ${planned === null ? draft.weak : `this run’s SFT at step ${planned[1]}`}`}
      </Text>
    </Stack>
  );
}
