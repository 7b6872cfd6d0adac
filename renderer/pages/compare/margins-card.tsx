/** How sure the models are token by token: logit margins and the mass they leave to wrong tokens. */
import {
  Button,
  Group,
  Paper,
  SimpleGrid,
  Table,
  Text,
  useComputedColorScheme,
} from '@mantine/core';
import { useState } from 'react';
import type { ComparedModel, TokenDistributions } from '../../../main/contract/comparison.ts';
import type { RequestInput } from '../../../main/contract/requests.ts';
import { useRequest } from '../../bridge/use-request.ts';
import { roleOfModel } from '../../components/chart/compare-chart.tsx';
import { Failure } from '../../components/failure.tsx';
import { OutlineHistogram } from '../../components/outline-histogram.tsx';
import { count, lastPart, significant } from '../../state/numbers.ts';
import { dataColors } from '../../theme.ts';
import { ModelName } from './compared-name.tsx';

function Spreads({ models, tokens }: { models: ComparedModel[]; tokens: TokenDistributions }) {
  const scheme = useComputedColorScheme('light');
  const outlines = (of: 'margin' | 'mass') =>
    tokens.models.flatMap((spread, index) =>
      spread === null
        ? []
        : [
            {
              name: models[index]?.label ?? '',
              color: dataColors[roleOfModel(index)][scheme],
              shares: spread[of].counts.map((each) => each / spread.tokens),
            },
          ],
    );
  return (
    <>
      <SimpleGrid cols={2} spacing="xl">
        <OutlineHistogram
          edges={tokens.marginEdges}
          outlines={outlines('margin')}
          axis="logit margin: the target’s minus the mean of all others"
          label="Distribution of logit margins by model"
          format={(value) => significant(value, 3)}
        />
        <OutlineHistogram
          edges={tokens.massEdges}
          outlines={outlines('mass')}
          axis="mass on wrong tokens, log scale"
          label="Distribution of the mass on non-target tokens by model"
          format={(value) => (value === 0 ? '1' : `10^${value}`.replace('-', '−'))}
        />
      </SimpleGrid>
      <Table aria-label="Margins and mass by model" mt="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Model</Table.Th>
            {['Tokens', 'Margin, mean', 'median', 'Mass, mean', 'median'].map((title, column) => (
              <Table.Th key={column} ta="right" w={124}>
                {title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {models.map((model, index) => {
            const spread = tokens.models[index];
            const { margin, mass } = spread ?? {};
            return (
              <Table.Tr key={model.label}>
                <Table.Td>
                  <ModelName model={model} index={index} />
                </Table.Td>
                <Table.Td ta="right">{count(spread?.tokens)}</Table.Td>
                {[margin?.mean, margin?.median, mass?.mean, mass?.median].map((value, column) => (
                  <Table.Td key={column} ta="right">
                    {significant(value)}
                  </Table.Td>
                ))}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
      <Text size="sm" c="dimmed" mt="xs">
        {`Answer tokens of the first ${count(tokens.sampled)} rows of ${lastPart(tokens.file)}. The mass on wrong tokens, 1 − p(target), is the gradient that plain SFT still has there.`}
      </Text>
    </>
  );
}

interface Props {
  models: ComparedModel[];
  asked: RequestInput<'compare'>['models'];
  /** What was measured before. */
  known: TokenDistributions | null;
}

export function MarginsCard({ models, asked, known }: Props) {
  const [wanted, setWanted] = useState(false);
  const { data, error, loading } = useRequest(
    'compare',
    wanted ? { models: asked, tokens: true } : null,
  );
  const tokens = data?.tokens ?? known;
  const problems = data?.missing.filter((sentence) => sentence.startsWith('Margins')) ?? [];
  return (
    <Paper p="md">
      <Group justify="space-between" mb={tokens === null ? 0 : 'sm'} wrap="nowrap">
        <div>
          <Text component="h2" fw={600} m={0}>
            Margins and non-target mass
          </Text>
          <Text size="sm" c="dimmed">
            Saturated SFT shows as margins that no longer grow and mass that has vanished.
          </Text>
        </div>
        {tokens === null && (
          <Button variant="default" loading={loading && wanted} onClick={() => setWanted(true)}>
            Measure on up to 200 rows
          </Button>
        )}
      </Group>
      {error !== null && <Failure error={error} />}
      {tokens !== null && <Spreads models={models} tokens={tokens} />}
      {problems.map((sentence) => (
        <Text key={sentence} c="dimmed">
          {sentence}
        </Text>
      ))}
    </Paper>
  );
}
