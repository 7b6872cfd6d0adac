export function runtimeEnvironment(
  record: { build: 'cpu' | 'cuda'; libraries: string; linked?: false },
  base: Record<string, string>,
): Record<string, string>;
