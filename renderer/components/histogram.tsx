/** Bars of a distribution with labelled ends; `marker` draws a limit, e.g. the maximum length. */
import { AxisEnds } from './axis-ends.tsx';

interface Props {
  edges: number[];
  counts: number[];
  unit: string;
  color?: string;
  marker?: { at: number; label: string };
  height?: number;
  format?: (value: number) => string;
}

export function Histogram(props: Props) {
  const { edges, counts, unit, marker, height = 120 } = props;
  const color = props.color ?? 'var(--mantine-color-indigo-5)';
  const format = props.format ?? ((value: number) => value.toLocaleString('en-US'));
  const low = edges[0] ?? 0;
  const high = edges.at(-1) ?? 1;
  const top = Math.max(1, ...counts);
  const share = (value: number): number => ((value - low) / (high - low || 1)) * 100;
  const total = counts.reduce((sum, each) => sum + each, 0);
  const label = `Histogram in ${unit}: ${total} values from ${format(low)} to ${format(high)}`;
  return (
    <div>
      <svg
        width="100%"
        height={height}
        viewBox="0 0 100 100"
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        {counts.map((value, index) => {
          const left = share(edges[index] ?? 0);
          const width = share(edges[index + 1] ?? 0) - left;
          const tall = value === 0 ? 0 : Math.max(1.5, (value / top) * 96);
          const x = left + width * 0.06;
          return (
            <rect key={index} x={x} y={100 - tall} width={width * 0.88} height={tall} fill={color}>
              <title>{`${format(edges[index] ?? 0)}–${format(edges[index + 1] ?? 0)} ${unit}: ${value}`}</title>
            </rect>
          );
        })}
        {marker !== undefined && marker.at >= low && marker.at <= high && (
          <line
            x1={share(marker.at)}
            x2={share(marker.at)}
            y1="0"
            y2="100"
            stroke="var(--mantine-color-red-6)"
            strokeWidth="1.5"
            vectorEffect="non-scaling-stroke"
            strokeDasharray="3 3"
          />
        )}
        <line
          x1="0"
          x2="100"
          y1="100"
          y2="100"
          stroke="var(--mantine-color-default-border)"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
      <AxisEnds
        low={format(low)}
        axis={marker === undefined ? unit : `${unit} · ${marker.label}`}
        high={format(high)}
      />
    </div>
  );
}
