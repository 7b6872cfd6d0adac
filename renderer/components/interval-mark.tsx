/** A share with its 95 % interval, drawn on a scale from 0 to 1. */
import type { Estimate } from '../../main/contract/evaluation.ts';

const width = 120;

interface Props extends Estimate {
  /** Default: the accent. */
  color?: string;
}

export function IntervalMark({ value, low, high, ...look }: Props) {
  const color = look.color ?? 'var(--mantine-primary-color-filled)';
  const x = (share: number): number => 4 + share * (width - 8);
  return (
    <svg width={width} height={14} aria-hidden>
      <line x1={4} x2={width - 4} y1={7} y2={7} stroke="var(--hairline)" strokeWidth={2} />
      <line x1={x(low)} x2={x(high)} y1={7} y2={7} stroke={color} strokeWidth={2} />
      <circle cx={x(value)} cy={7} r={4} fill={color} />
    </svg>
  );
}
