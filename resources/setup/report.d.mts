/** A failure the user can mend. */
export class SetupError extends Error {
  /** What is wrong, and what to do about it. */
  constructor(problem: string, remedy: string);
  readonly problem: string;
  readonly remedy: string;
}
/** Told about every step; the fraction is in [0, 1], null while unknown. */
export function onStep(listen: (title: string, fraction: number | null) => void): void;
export function say(text: string): void;
export function exitWith(error: unknown): never;
