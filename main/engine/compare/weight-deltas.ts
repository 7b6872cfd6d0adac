/**
 * How far a model's weights are from the baseline's, tensor by tensor: ||W - W0|| / ||W0||, Frobenius,
 * sums in f64. Both are read in pieces, adapters folded in as they come (merged-weights.ts), so memory
 * stays at a few pieces whatever the size of the model.
 */
import type { ModelDelta } from '../../contract/comparison.ts';
import { StudioError } from '../../contract/errors.ts';
import type { MergedWeights } from '../model/merged-weights.ts';
import { openMergedWeights } from '../model/merged-weights.ts';
import { convert } from '../model/weights.ts';
import type { ModelSource } from '../train/model-source.ts';

export const modules = [
  'q_proj',
  'k_proj',
  'v_proj',
  'o_proj',
  'gate_proj',
  'up_proj',
  'down_proj',
  'norms',
] as const;

/** Called between two tensors; throw to stop. */
export type DeltaProgress = (done: number, total: number) => Promise<void>;

/** @throws model-invalid where the two have different shapes, and what opening them throws */
export async function weightDelta(
  base: ModelSource,
  other: ModelSource,
  onProgress: DeltaProgress = async () => undefined,
): Promise<ModelDelta> {
  const from = openMergedWeights(base.base, base.adapter);
  try {
    const to = openMergedWeights(other.base, other.adapter);
    try {
      checkSameShapes(from, to);
      return await compare(from, to, onProgress);
    } finally {
      to.close();
    }
  } finally {
    from.close();
  }
}

async function compare(
  from: MergedWeights,
  to: MergedWeights,
  onProgress: DeltaProgress,
): Promise<ModelDelta> {
  const layers = from.config.layers;
  const grid = Array.from({ length: layers }, () => modules.map(() => new Sums()));
  const others = new Map<string, Sums>();
  const all = new Sums();
  let done = 0;
  for (const name of from.tensors.keys()) {
    await onProgress(done++, from.tensors.size);
    const sums = tensorSums(from, to, name);
    all.add(sums);
    const place = placeOf(name);
    if (place === null) others.set(name.replace(/^model\.|\.weight$/g, ''), sums);
    else grid[place.layer]![place.module]!.add(sums);
  }
  return {
    total: all.relative(),
    relative: grid.map((row) => row.map((sums) => sums.relative())),
    others: [...others].map(([name, sums]) => ({ name, relative: sums.relative() })),
  };
}

class Sums {
  difference = 0;
  reference = 0;

  add(other: Sums): void {
    this.difference += other.difference;
    this.reference += other.reference;
  }

  /** A tensor of zeros that has moved is infinitely far away. */
  relative(): number {
    return this.difference === 0 ? 0 : Math.sqrt(this.difference / this.reference);
  }
}

function placeOf(name: string): { layer: number; module: number } | null {
  const match = /^model\.layers\.(\d+)\.(?:self_attn\.|mlp\.)?(\w+)\.weight$/.exec(name);
  if (match === null) return null;
  const index = (modules as readonly string[]).indexOf(match[2]!);
  return { layer: Number(match[1]), module: index < 0 ? modules.length - 1 : index };
}

function tensorSums(from: MergedWeights, to: MergedWeights, name: string): Sums {
  const sums = new Sums();
  const [left, right] = [numbers(from, name), numbers(to, name)];
  let [a, b] = [left.next().value, right.next().value];
  // Pieces of the two may end at different places.
  for (let i = 0, j = 0; a !== undefined && b !== undefined;) {
    const length = Math.min(a.length - i, b.length - j);
    for (let k = 0; k < length; k++) {
      const reference = a[i + k]!;
      const difference = b[j + k]! - reference;
      sums.difference += difference * difference;
      sums.reference += reference * reference;
    }
    i += length;
    j += length;
    if (i === a.length) [a, i] = [left.next().value, 0];
    if (j === b.length) [b, j] = [right.next().value, 0];
  }
  return sums;
}

function* numbers(weights: MergedWeights, name: string): Generator<Float32Array, undefined> {
  const { dtype, pieces } = weights.read(name);
  for (const piece of convert(pieces, dtype, 'f32')) {
    if (piece.byteLength > 0) {
      yield new Float32Array(piece.buffer, piece.byteOffset, piece.byteLength / 4);
    }
  }
}

function checkSameShapes(from: MergedWeights, to: MergedWeights): void {
  for (const name of new Set([...from.tensors.keys(), ...to.tensors.keys()])) {
    const [one, other] = [from, to].map((model) => model.tensors.get(name)?.shape.join(' x '));
    if (one === other) continue;
    throw new StudioError(
      'model-invalid',
      `${name} is ${one ?? 'absent'} in one and ${other ?? 'absent'} in the other.`,
      'Compare models of one shape.',
    );
  }
}
