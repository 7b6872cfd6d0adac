/**
 * Fields of a published row by their many names: `Problem`, `problem`, `sQuestion`. The spelling is
 * compared without case and underscores; null and blank texts count as absent, the number 0 does not.
 */
import { StudioError } from '../../../contract/errors.ts';

export type Row = Record<string, unknown>;

/** The first of these fields that is there; undefined for none. */
export function fieldOf(row: Row, names: readonly string[]): unknown {
  const plain = (name: string) => name.toLowerCase().replaceAll('_', '');
  const found = new Map<string, unknown>();
  for (const [name, value] of Object.entries(row)) {
    const isAbsent = value === null || value === undefined || value === '';
    if (!isAbsent && !(typeof value === 'string' && value.trim() === '')) {
      found.set(plain(name), value);
    }
  }
  for (const name of names) {
    if (found.has(plain(name))) return found.get(plain(name));
  }
  return undefined;
}

/** A text or a number as text; a list of one of these as its entry. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (Array.isArray(value) && value.length === 1) return textOf(value[0]);
  return undefined;
}

/** The user's turn in a list of messages, as data sets for reinforcement learning have it. */
export function userTurn(value: unknown): string | undefined {
  if (!Array.isArray(value)) return textOf(value);
  const turns = value.filter(
    (entry): entry is { role: string; content: string } =>
      typeof entry === 'object' && entry !== null && (entry as Row)['role'] === 'user',
  );
  return turns.length === 1 ? textOf(turns[0]!.content) : undefined;
}

/** @throws data-invalid */
export function requiredText(row: Row, names: readonly string[], place: string): string {
  const text = textOf(fieldOf(row, names));
  if (text !== undefined) return text;
  throw missingField(row, names, place);
}

export function missingField(row: Row, names: readonly string[], place: string): StudioError {
  const has = Object.keys(row)
    .slice(0, 20)
    .map((name) => name.slice(0, 40));
  return new StudioError(
    'data-invalid',
    `${place}: none of the fields ${names.join(', ')} is there; it has ${has.join(', ') || 'none'}.`,
    'Check that the file belongs to this benchmark, or describe its fields in a task file (YAML).',
  );
}

export function itemId(row: Row, index: number): string | number {
  const id = fieldOf(row, ['unique_id', 'id', 'task_id', 'problem_idx', 'iIndex']);
  return typeof id === 'string' || typeof id === 'number' ? id : index;
}
