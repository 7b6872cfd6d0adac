/** Distributions of several models over the same bins, as outlines one over the other. */
import { Text } from '@mantine/core';
import { AxisEnds } from './axis-ends.tsx';

interface Props {
  edges: number[];
  outlines: { name: string; color: string; shares: number[] }[];
  /** Below the axis, between the ends. */
  axis: string;
  label: string;
  format: (value: number) => string;
  height?: number;
}

export function OutlineHistogram({ edges, outlines, axis, label, format, height = 200 }: Props) {
  const [low = 0, high = 1] = [edges[0], edges.at(-1)];
  const most = Math.max(1e-9, ...outlines.flatMap(({ shares }) => shares));
  const x = (value: number): number => ((value - low) / (high - low || 1)) * 100;
  const y = (share: number): number => 100 - (share / most) * 96;
  const path = (shares: number[]): string =>
    `M0,100${shares.map((share, bin) => `V${y(share)}H${x(edges[bin + 1] ?? high)}`).join('')}V100`;
  return (
    <div>
      <Text size="xs" c="dimmed">
        {`share of tokens, up to ${(100 * most).toFixed(1)} % in a bin`}
      </Text>
      <svg
        width="100%"
        height={height}
        viewBox="0 0 100 100"
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
        style={{ display: 'block' }}
      >
        {outlines.map(({ name, color, shares }) => (
          <path
            key={name}
            d={path(shares)}
            fill={color}
            fillOpacity={0.08}
            stroke={color}
            strokeWidth={1.6}
            vectorEffect="non-scaling-stroke"
          >
            <title>{name}</title>
          </path>
        ))}
        <line
          x1="0"
          x2="100"
          y1="100"
          y2="100"
          stroke="var(--mantine-color-default-border)"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
      <AxisEnds low={format(low)} axis={axis} high={format(high)} />
    </div>
  );
}
