/**
 * The loss of a batch, chunk by chunk of its answer rows, so that the vocabulary is never whole. The
 * chunks run one after another: each adds to the head's gradient, and only one's logits are there.
 */
import { callFunction } from '../graph/library.ts';
import { concat, sliceAxis } from '../graph/ops/shape.ts';
import type { GradientWrite } from '../graph/ops/variable.ts';
import type { Program } from '../graph/program.ts';
import type { Node, Value } from '../graph/scope.ts';
import type { HeadModel, HeadShape } from '../loss/head.ts';
import { defineMixedLoss } from '../loss/mixed-cross-entropy.ts';
import type { Parameter } from '../model/variables.ts';
import { chunks } from './batch-shape.ts';

/** One model as the loss meets it. */
export interface LossSide {
  model: HeadModel;
  shape: Omit<HeadShape, 'chunk'>;
  /** [R, H], as `model.rows` says. */
  rows: Value;
  /** Not there where the rows are normed. */
  finalNorm: Parameter | null;
  head: Parameter;
}

export interface LossInputs {
  /** Strong first; then the weak model, or UNDIAL's teacher. */
  sides: readonly [LossSide, ...LossSide[]];
  teaches: boolean;
  /** [R] i32, [R] f32, [] f32 */
  labels: Value;
  weights: Value;
  lambda: Value;
  how: GradientWrite;
  /** What the logits of one chunk may take; absent: as `chunks` has it. */
  chunkBytes: number | undefined;
}

/** metrics [R, columns]; per side its rows' gradient [R, H] f32, null where none is wanted. */
export function lossOverChunks(
  program: Program,
  inputs: LossInputs,
): { metrics: Value; rowGradients: (Value | null)[]; effects: Node[] } {
  const { sides, labels, weights, lambda } = inputs;
  const [strong, weak] = sides;
  const metrics: Value[] = [];
  const gradients = sides.map((): Value[] => []);
  const effects: Node[] = [];
  for (const { begin, end } of chunks(
    labels.shape[0]!,
    strong.shape.vocabulary,
    inputs.chunkBytes,
  )) {
    const part = (value: Value): Value => sliceAxis(value, 0, begin, end);
    const sized = ({ model, shape }: LossSide) => ({
      model,
      shape: { ...shape, chunk: end - begin },
    });
    const callee = defineMixedLoss(
      program.library,
      {
        strong: sized(strong),
        weak: weak ? sized(weak) : null,
        teaches: inputs.teaches,
        sharedHead: weak?.head === strong.head,
      },
      effects.length > 0 ? 'add' : inputs.how,
    );
    const args = [part(labels), part(weights), lambda];
    for (const side of sides) args.push(part(side.rows), ...handles(side));
    const call = callFunction(program.main, callee, args, { after: effects.slice(-1) });
    effects.push(call);
    const [measured, ...rows] = call.outputs;
    metrics.push(measured!);
    sides.forEach(({ model }, index) => {
      if (model.wantsRows) gradients[index]!.push(rows.shift()!);
    });
  }
  const rowGradients = gradients.map((parts) => (parts.length > 0 ? concat(parts, 0) : null));
  return { metrics: concat(metrics, 0), rowGradients, effects };
}

/** As `takeHead` wants them. */
function handles({ finalNorm, head }: LossSide): Value[] {
  const parts = finalNorm ? [finalNorm, head] : [head];
  return [
    ...parts.map((part) => part.variable.handle),
    ...parts.flatMap((part) => (part.training ? [part.training.gradient.handle] : [])),
  ];
}
