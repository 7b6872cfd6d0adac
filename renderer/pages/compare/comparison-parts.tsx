/** All cards of a comparison, the answers first: which one is better, then why. */
import { Grid, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { Comparison } from '../../../main/contract/comparison.ts';
import type { GeneratedBeside } from '../../../main/contract/generation.ts';
import { CompareChart } from '../../components/chart/compare-chart.tsx';
import { SampleDrawer } from '../../components/sample-drawer.tsx';
import { compareMetrics } from '../../state/compare-metrics.ts';
import type { CompareMetric } from '../../state/compare-metrics.ts';
import { askedModel } from '../../state/compared-items.ts';
import { BenchmarksCard } from './benchmarks-card.tsx';
import { EntropyCard } from './entropy-card.tsx';
import { GenerateCard } from './generate-card.tsx';
import { ItemsCard } from './items-card.tsx';
import { MarginsCard } from './margins-card.tsx';
import { ScoresCard } from './scores-card.tsx';
import { SettingsCard } from './settings-card.tsx';
import { WeightsCard } from './weights-card.tsx';

interface Props {
  comparison: Comparison;
  names: string[];
  onGenerated: (generations: GeneratedBeside | null) => void;
}

export function ComparisonParts({ comparison, names, onGenerated }: Props) {
  const { models, evaluation, benchmarks, entropy, tokens, curves, settings, missing } = comparison;
  const asked = names.map(askedModel);
  const [picked, setPicked] = useState<string | number | null>(null);
  const [weightsWanted, setWeightsWanted] = useState(false);
  const isMeasured = (wanted: CompareMetric): boolean =>
    curves.some((own) => own.curves.some(({ metric }) => metric === wanted));
  // Held-out items open in the list above; training rows, which are in no list, beside it.
  const run = models.find(({ runId }) => runId !== undefined)?.runId;
  const row = entropy?.rows === 'training' && picked !== null ? entropy.ids.indexOf(picked) : null;
  return (
    <Stack gap="lg">
      {evaluation !== null && <ScoresCard models={models} evaluation={evaluation} />}
      <BenchmarksCard models={models} asked={asked} benchmarks={benchmarks} />
      <SettingsCard models={models} settings={settings} />
      {evaluation !== null && evaluation.items.length > 0 && (
        <ItemsCard
          models={models}
          items={evaluation.items}
          itemsLeftOut={evaluation.itemsLeftOut}
          title="Item by item"
          picked={picked}
        />
      )}
      {curves.length > 0 && (
        <Grid>
          {compareMetrics.filter(isMeasured).map((metric) => (
            <Grid.Col key={metric} span={{ base: 12, md: 6 }}>
              <CompareChart models={models} curves={curves} metric={metric} />
            </Grid.Col>
          ))}
        </Grid>
      )}
      {entropy !== null && (
        <EntropyCard models={models} entropy={entropy} picked={picked} onPick={setPicked} />
      )}
      {run !== undefined && (
        <SampleDrawer runId={run} index={row} onClose={() => setPicked(null)} />
      )}
      <MarginsCard models={models} asked={asked} known={tokens} />
      <WeightsCard
        models={models}
        asked={asked}
        wanted={weightsWanted}
        onWant={() => setWeightsWanted(true)}
      />
      <GenerateCard models={models} asked={asked} onDone={onGenerated} />
      {missing.map((sentence) => (
        <Text key={sentence} size="sm" c="dimmed">
          {sentence}
        </Text>
      ))}
    </Stack>
  );
}
