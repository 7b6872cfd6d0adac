/**
 * From the last layer's output to the next token: final norm, head, and the most likely id. One row's
 * logits are one island on a CPU, as its layers are (decode-step.ts); the arg-max is TensorFlow's, since
 * XLA goes through it element by element. Figures: main/docs/2026-11-25-decode.md.
 */
import { argument, type GraphFunction, type Library } from '../graph/library.ts';
import { island } from '../graph/island.ts';
import { cast } from '../graph/ops/elementwise.ts';
import { gather } from '../graph/ops/gather.ts';
import { argMax } from '../graph/ops/reduce.ts';
import { readVariable } from '../graph/ops/variable.ts';
import { Scope, type Value } from '../graph/scope.ts';
import { inPlace, residualNorm, stepChain, type Chain } from './decode-layer.ts';
import { fewRowsProduct } from './decode-linear.ts';
import { isCompiledStep } from './decode-step.ts';
import type { ModelVariables } from './variables.ts';

/**
 * states, update [N, H], (rows i32 [B] where N is not B), norm, head -> ids i32 [B], logits [B, V] f32
 * @param positions N, where only the last position of each row is used
 */
export function defineNextToken(
  library: Library,
  model: ModelVariables,
  compute: 'f32' | 'bf16',
  rows: number,
  positions: number | null,
): GraphFunction {
  const { hiddenSize, rmsNormEpsilon } = model.config;
  const scope = new Scope('function', library);
  const wide = [positions ?? rows, hiddenSize];
  const states = argument(scope, { dtype: 'f32', shape: wide });
  const update = argument(scope, { dtype: compute, shape: wide });
  const chosen = positions === null ? [] : [argument(scope, { dtype: 'i32', shape: [rows] })];
  const norm = argument(scope, { dtype: 'resource', shape: [] });
  const head = argument(scope, { dtype: 'resource', shape: [] });
  const own = (value: Value): Value => (chosen[0] ? gather(value, chosen[0]) : value);
  const normWeight = readVariable(norm, model.finalNorm.variable);
  const isCompiled = isCompiledStep(library, rows);
  const chain = isCompiled ? inPlace : stepChain(library);
  // XLA reads a table of halves as it is, where oneDNN would first make it wider.
  const together: Chain = isCompiled ? island : inPlace;
  const inputs = [own(states), own(update), normWeight, readVariable(head, model.head.variable)];
  const [logits] = together('next_logits', inputs, ([before, last, weight, table]) => {
    const options = { epsilon: rmsNormEpsilon, compute };
    const [, hidden] = residualNorm(chain, before!, last!, weight!, options);
    return [cast(fewRowsProduct(hidden, cast(table!, compute)), 'f32')];
  });
  const xla = library.placement.functions === 'xla';
  return library.add(
    'next_token',
    {
      inputs: [states, update, ...chosen, norm, head],
      outputs: [argMax(logits!, 1), logits!],
    },
    xla,
  );
}
