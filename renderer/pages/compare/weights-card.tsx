/** Where a model moved away from the baseline: layers by modules, as shares of the baseline's norm. */
import { Button, Group, Paper, Stack, Text } from '@mantine/core';
import type { ComparedModel, ModelDelta, WeightDeltas } from '../../../main/contract/comparison.ts';
import type { RequestInput } from '../../../main/contract/requests.ts';
import { Failure } from '../../components/failure.tsx';
import { useRequest } from '../../bridge/use-request.ts';
import { percent } from '../../state/numbers.ts';
import { sequentialColor } from '../../theme.ts';
import { ModelName } from './compared-name.tsx';

/** Two digits are enough to see where. */
function short(share: number): string {
  const hundred = share * 100;
  return hundred >= 10 ? hundred.toFixed(0) : hundred.toPrecision(2);
}

/** White on the dark end of the scale, black on the bright one. */
function Cell({ share, most, title }: { share: number; most: number; title: string }) {
  const position = most === 0 ? 0 : share / most;
  return (
    <td
      title={title}
      style={{
        background: sequentialColor(position),
        color: position > 0.44 ? '#000000' : '#ffffff',
      }}
    >
      {short(share)}
    </td>
  );
}

function HeatMap({ delta, modules, most }: { delta: ModelDelta; modules: string[]; most: number }) {
  return (
    <table
      className="heat-map"
      aria-label="Distance from the baseline by layer and module, percent"
    >
      <thead>
        <tr>
          <th scope="col">Layer</th>
          {modules.map((name) => (
            <th key={name} scope="col">
              {name.replace('_proj', '')}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {delta.relative.map((row, layer) => (
          <tr key={layer}>
            <th scope="row">{layer}</th>
            {row.map((share, column) => (
              <Cell
                key={column}
                share={share}
                most={most}
                title={`Layer ${layer}, ${modules[column] ?? ''}: ${percent(share, 3)}`}
              />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Deltas({ models, weights }: { models: ComparedModel[]; weights: WeightDeltas }) {
  const most = Math.max(
    ...weights.models.flatMap((delta) => delta?.relative.flat() ?? []).filter(Number.isFinite),
    0,
  );
  return (
    <div className="heat-maps">
      {weights.models.map((delta, index) => {
        const model = models[index];
        if (delta === null || model === undefined) return null;
        const others = delta.others.map(({ name, relative }) => `${name} ${percent(relative, 2)}`);
        return (
          <Stack key={model.label} gap={6} miw={0}>
            <Group justify="space-between" wrap="nowrap">
              <ModelName model={model} index={index} />
              <Text
                size="sm"
                c="dimmed"
                style={{ whiteSpace: 'nowrap' }}
              >{`${percent(delta.total, 2)} over all`}</Text>
            </Group>
            <HeatMap delta={delta} modules={weights.modules} most={most} />
            <Text size="sm" c="dimmed">
              {others.join(' · ')}
            </Text>
          </Stack>
        );
      })}
    </div>
  );
}

interface Props {
  models: ComparedModel[];
  asked: RequestInput<'compare'>['models'];
  wanted: boolean;
  onWant: () => void;
}

export function WeightsCard({ models, asked, wanted, onWant }: Props) {
  const { data, error, loading } = useRequest(
    'compare',
    wanted ? { models: asked, weights: true } : null,
  );
  const problems = data?.missing.filter((sentence) => sentence.startsWith('Weights of ')) ?? [];
  return (
    <Paper p="md">
      <Group justify="space-between" mb={wanted ? 'sm' : 0} wrap="nowrap">
        <div>
          <Text component="h2" fw={600} m={0}>
            How far the weights moved
          </Text>
          <Text size="sm" c="dimmed">
            Distance of each tensor from the first model’s, in percent of its norm.
          </Text>
        </div>
        {(!wanted || loading) && (
          <Button size="xs" variant="default" loading={loading} onClick={onWant}>
            Read the weights
          </Button>
        )}
      </Group>
      {error !== null && <Failure error={error} />}
      {data?.weights && <Deltas models={models} weights={data.weights} />}
      {problems.map((sentence) => (
        <Text key={sentence} c="dimmed">
          {sentence}
        </Text>
      ))}
    </Paper>
  );
}
