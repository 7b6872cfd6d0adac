/** The sign of the app: a weak and a strong curve that meet in a mixed one. */
export function LogoMark({ size = 20 }: { size?: number }) {
  const line = { fill: 'none', strokeWidth: 2.6, strokeLinecap: 'round' as const };
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden>
      <path d="M3 5 C 9 5, 10 12, 14 12" stroke="var(--mantine-color-orange-6)" {...line} />
      <path d="M3 19 C 9 19, 10 12, 14 12" stroke="var(--mantine-color-indigo-5)" {...line} />
      <path d="M14 12 H 21" stroke="var(--mantine-color-teal-6)" {...line} />
    </svg>
  );
}
