/** Gradient amplification over lambda, for one token and for the whole answer; the paper's best band marked. */
import { Group, Paper, Text } from '@mantine/core';

interface Props {
  lambdas: number[];
  token: number[];
  mean: number[];
  lambda: number;
}

const width = 640;
const height = 120;
const left = 36;
const bottom = 20;

export function AmplificationCurve({ lambdas, token, mean, lambda }: Props) {
  const finite = [...token, ...mean].filter(Number.isFinite);
  const top = Math.max(1.2, ...finite) * 1.05;
  const x = (value: number): number => left + value * (width - left - 8);
  const y = (value: number): number => height - bottom - (value / top) * (height - bottom - 6);
  const line = (values: number[]): string =>
    values
      .map((value, index) => `${x(lambdas[index] ?? 0).toFixed(1)},${y(value).toFixed(1)}`)
      .join(' ');
  return (
    <Paper p="sm">
      <Group gap="lg" mb={4}>
        <Text fw={600}>Gradient amplification over λ</Text>
        <Text size="xs" c="dimmed">
          solid: this token · dashed: mean of the answer · band: 0.42–0.48, reported best in the
          paper
        </Text>
      </Group>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        width="100%"
        role="img"
        aria-label="Gradient amplification over lambda"
      >
        <rect
          x={x(0.42)}
          width={x(0.48) - x(0.42)}
          y="4"
          height={height - bottom - 4}
          fill="var(--mantine-color-default-border)"
        />
        <line
          x1={x(0)}
          x2={x(1)}
          y1={y(1)}
          y2={y(1)}
          stroke="var(--mantine-color-default-border)"
        />
        <line
          x1={x(lambda)}
          x2={x(lambda)}
          y1="4"
          y2={height - bottom}
          stroke="var(--mantine-primary-color-filled)"
        />
        <polyline
          points={line(mean)}
          fill="none"
          stroke="var(--mantine-color-teal-6)"
          strokeDasharray="5 4"
          strokeWidth="1.5"
        />
        <polyline
          points={line(token)}
          fill="none"
          stroke="var(--mantine-color-teal-6)"
          strokeWidth="2"
        />
        {[0, 0.25, 0.5, 0.75, 1].map((tick) => (
          <text
            key={tick}
            x={x(tick)}
            y={height - 5}
            fontSize="10"
            textAnchor="middle"
            fill="var(--mantine-color-dimmed)"
          >
            {tick}
          </text>
        ))}
        {[1, top / 1.05].map((tick) => (
          <text
            key={tick}
            x={left - 6}
            y={y(tick) + 3}
            fontSize="10"
            textAnchor="end"
            fill="var(--mantine-color-dimmed)"
          >
            {tick.toFixed(1)}
          </text>
        ))}
      </svg>
    </Paper>
  );
}
