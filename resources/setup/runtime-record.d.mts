export function runtimeEnvironment(
  record: { build: 'cpu' | 'cuda'; libraries: string },
  base: Record<string, string>,
): Record<string, string>;
