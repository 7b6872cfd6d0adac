/** The last losses of a run as a word-sized line. */
export function Sparkline({ values, width = 72 }: { values: number[]; width?: number }) {
  const height = 20;
  const known = values.filter(Number.isFinite);
  if (known.length < 2) return <svg width={width} height={height} aria-hidden />;
  const low = Math.min(...known);
  const span = Math.max(...known) - low || 1;
  const points = known.map((value, index) => {
    const x = (index / (known.length - 1)) * (width - 2) + 1;
    const y = height - 2 - ((value - low) / span) * (height - 4);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg width={width} height={height} role="img" aria-label="Loss so far">
      <polyline
        points={points.join(' ')}
        fill="none"
        stroke="var(--mantine-color-teal-6)"
        strokeWidth="1.5"
      />
    </svg>
  );
}
