/**
 * What a curriculum needs of its entropies: one finite, non-negative number per sample and model, the
 * same samples for every model. numpy would fail late and without a row number on NaN, and silently
 * accept negative entropies; here the row is named.
 */
import { StudioError } from '../../contract/errors.ts';

export interface EntropyRow {
  id: string | number;
  /** Nats. */
  entropy: number;
}

/** The entropies of one model, and the name to use in messages, e.g. the file's. */
export interface EntropyTable {
  name: string;
  rows: readonly EntropyRow[];
}

/**
 * Brings tables into the row order of the first one.
 * @returns ids `[N]` and, per table, entropies `[N]`
 * @throws entropy-invalid, naming table, row (from 1) and id
 */
export function alignEntropies(tables: readonly EntropyTable[]): {
  ids: (string | number)[];
  entropies: Float64Array[];
} {
  const [first] = tables;
  if (!first) throw invalid('no entropies were given', 'Give one table per model.');
  const ids = first.rows.map((row) => row.id);
  const entropies = tables.map((table) => {
    const found = new Map<string | number, number>();
    table.rows.forEach(({ id, entropy }, index) => {
      if (found.has(id)) {
        throw invalid(
          `${table.name}, row ${index + 1}: the id ${JSON.stringify(id)} is there twice`,
          'Give every sample an id of its own.',
        );
      }
      checkEntropy(entropy, `${table.name}, row ${index + 1} (id ${JSON.stringify(id)})`);
      found.set(id, entropy);
    });
    if (found.size > ids.length) {
      const known = new Set(ids);
      const index = table.rows.findIndex((row) => !known.has(row.id));
      throw missing(`${table.name}, row ${index + 1}`, table.rows[index]!.id, first.name);
    }
    return Float64Array.from(ids, (id, index) => {
      const entropy = found.get(id);
      if (entropy === undefined) throw missing(`${first.name}, row ${index + 1}`, id, table.name);
      return entropy;
    });
  });
  if (ids.length === 0) throw noRows();
  return { ids, entropies };
}

/**
 * @param entropies per model, `[N]` each
 * @throws entropy-invalid for unequal lengths, no rows, NaN, infinite or negative values
 */
export function checkEntropies(entropies: readonly Float64Array[]): void {
  const rows = entropies[0]?.length ?? 0;
  entropies.forEach((values, model) => {
    if (values.length !== rows) {
      throw invalid(
        `entropy${model} has ${values.length} rows, entropy0 has ${rows}`,
        'Compute both over the same data.',
      );
    }
    values.forEach((value, row) => checkEntropy(value, `entropy${model}, row ${row + 1}`));
  });
  if (rows === 0) throw noRows();
}

/** Weights and penalties of a scheme: finite and not negative. @throws curriculum-invalid */
export function checkParameters(parameters: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(parameters)) {
    if (value >= 0 && value < Number.POSITIVE_INFINITY) continue;
    throw new StudioError(
      'curriculum-invalid',
      `The curriculum's ${name} is ${value}, not a number from 0 up.`,
      `Set ${name} to 0 or more.`,
    );
  }
}

function checkEntropy(value: number, where: string): void {
  if (value >= 0 && value < Number.POSITIVE_INFINITY) return;
  throw invalid(
    `${where}: the entropy is ${value}, not a number from 0 up`,
    'Leave this sample out, or compute the entropies again.',
  );
}

function noRows(): StudioError {
  return invalid('there are no rows', 'Compute the entropies of some samples first.');
}

function missing(where: string, id: string | number, table: string): StudioError {
  return invalid(
    `${where}: the id ${JSON.stringify(id)} is missing in ${table}`,
    'Compute the entropies of all models over the same data.',
  );
}

function invalid(reason: string, hint: string): StudioError {
  return new StudioError('entropy-invalid', `The entropies cannot be used: ${reason}.`, hint);
}
