/** What people read of a rendered chat prompt: its one question, without role lines; else all of it. */
export function questionOf(prompt: string): string {
  const roles = prompt.match(/^(system|user|assistant)$/gm)?.length ?? 0;
  const single = /^user\n([\s\S]*?)\n?assistant\s*$/.exec(prompt);
  return single !== null && roles === 2 ? single[1]!.trim() : prompt;
}
