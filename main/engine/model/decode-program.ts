/**
 * The program that generates text: a prompt pass and a one-token step for every batch size and
 * cache capacity, all on one set of weights and one key/value cache.
 *   prefill:<B>x<T>         right-padded prompts -> the token after each prompt; replaces the cache
 *   step:<B>x<C>            one token a row -> the next ones; extends the cache by one slot
 *   grow:<B>x<C>            the cache's capacity becomes the next larger one
 *   shrink:<B>x<C>          only the rows `kept` go on, as many as the next smaller batch size has
 * Prefill and step give `ids` [B], the most likely tokens; with `-logits` after the verb they give
 * `logits` [B, V] f32 instead, for sampling on the host.
 *
 * Capacities and lengths are few, so each step meets a cache at most twice as long as what is in it.
 * Each is optimised and compiled by TensorFlow when it first runs.
 */
import type { Qwen3Config } from '../checkpoint/model-config.ts';
import { callFunction, type Placement } from '../graph/library.ts';
import { island } from '../graph/island.ts';
import { constant, fill, iota } from '../graph/ops/constant.ts';
import { add, cast, greaterOrEqual, lessOrEqual, select } from '../graph/ops/elementwise.ts';
import { gather } from '../graph/ops/gather.ts';
import { concat, reshape, sliceAxis } from '../graph/ops/shape.ts';
import { readVariable } from '../graph/ops/variable.ts';
import { Program } from '../graph/program.ts';
import { scopeOf, type Node, type Value } from '../graph/scope.ts';
import { definePrefillLayer, type DecodeModel } from './decode-layer.ts';
import { calling, defineStepLayer, isCompiledStep, type LayerCall } from './decode-step.ts';
import { declareCache, defineResize, type CacheShape, type KvCache } from './kv-cache.ts';
import { defineNextToken } from './next-token.ts';
import { ropeTables } from './rope.ts';
import type { TrainingMode } from './slots.ts';
import { declareModel, layerHandles, type ModelVariables } from './variables.ts';

export interface DecodeSetup {
  config: Qwen3Config;
  mode: TrainingMode;
  compute: 'f32' | 'bf16';
  placement: Placement;
  /** Batch sizes, ascending. */
  batches: readonly number[];
  /** Prompt lengths T, ascending. */
  prefillLengths: readonly number[];
  /** Cache sizes C, ascending; the last is at least the longest prompt length. */
  capacities: readonly number[];
}

export interface DecodeProgram {
  program: Program;
  model: ModelVariables;
}

/** The capacity that `prefill:<B>x<T>` leaves behind. */
export function prefillCapacity(length: number, capacities: readonly number[]): number {
  const found = capacities.find((capacity) => capacity >= length);
  if (found === undefined) throw new Error(`no capacity holds a prompt of ${length} tokens`);
  return found;
}

const masked = -1e30;

export function buildDecodeProgram(setup: DecodeSetup): DecodeProgram {
  const program = new Program(setup.placement);
  const model = declareModel(program, 'model', setup.config, setup.mode);
  const cache = declareCache(program, setup.config, setup.compute);
  const parts: Parts = { program, model, cache, compute: setup.compute };
  setup.batches.forEach((rows, batchIndex) => {
    const fewer = setup.batches[batchIndex - 1];
    for (const length of setup.prefillLengths) {
      const capacity = prefillCapacity(length, setup.capacities);
      addPrefill(parts, { rows, length, capacity });
    }
    setup.capacities.forEach((capacity, index) => {
      const from = { rows, capacity };
      addStep(parts, from);
      const larger = setup.capacities[index + 1];
      if (larger) addResize(parts, `grow:${rows}x${capacity}`, from, { rows, capacity: larger });
      if (fewer) addResize(parts, `shrink:${rows}x${capacity}`, from, { rows: fewer, capacity });
    });
  });
  return { program, model };
}

interface Parts {
  program: Program;
  model: ModelVariables;
  cache: KvCache;
  compute: 'f32' | 'bf16';
}

function addPrefill(
  parts: Parts,
  { rows, length, capacity }: { rows: number; length: number; capacity: number },
): void {
  const { program, model, compute } = parts;
  const inputs = {
    /** [B, T] */
    ids: program.placeholder('i32', [rows, length]),
    /** [B], tokens of each prompt, at least 1. */
    lengths: program.placeholder('i32', [rows]),
  };
  const scope = program.main;
  const columns = reshape(iota(scope, length), [1, length]);
  const grid = fill(scope, 'i32', [rows, length], 0);
  const real = lessOrEqual(columns, reshape(add(inputs.lengths, -1), [rows, 1]));
  const documents = select(real, add(grid, 1), 0);
  const before = Array.from({ length: rows }, (_, row) => row * length - 1);
  const last = add(inputs.lengths, constant(scope, 'i32', [rows], before));
  const shape = { rows, length, capacity, compute };
  const layer = definePrefillLayer(program.library, decodeModel(model), shape);
  const body = throughLayers(parts, calling(layer), inputs.ids, add(columns, grid), [documents]);
  const hidden = [rows * length, model.config.hiddenSize];
  const head = defineNextToken(program.library, model, compute, rows, hidden[0]!);
  const outputs = callFunction(scope, head, [
    body.states, body.update, last,
    model.finalNorm.variable.handle, model.head.variable.handle,
  ]).outputs; // prettier-ignore
  program.entry(`prefill:${rows}x${length}`, inputs, { ids: outputs[0]! });
  program.entry(`prefill-logits:${rows}x${length}`, inputs, { logits: outputs[1]! });
}

function addStep(parts: Parts, { rows, capacity }: CacheShape): void {
  const { program, model, compute } = parts;
  const scope = program.main;
  const inputs = {
    /** [B], the last token of each row. */
    ids: program.placeholder('i32', [rows]),
    /** [B], its place in the row's text. */
    positions: program.placeholder('i32', [rows]),
    /** [B], tokens of the row's prompt: slots below it are seen. */
    lengths: program.placeholder('i32', [rows]),
    /** [2]: the slot of the batch's first generated token, and this step's slot. */
    slots: program.placeholder('i32', [2]),
  };
  const firstSlot = sliceAxis(inputs.slots, 0, 0, 1);
  const slot = sliceAxis(inputs.slots, 0, 1, 2);
  const given = [inputs.lengths, firstSlot, slot];
  const [bias] = island('step_bias', given, ([lengths, first, last]) => {
    const bound = (value: Value): Value => reshape(value, [1, 1]);
    const columns = reshape(iota(scopeOf(lengths!), capacity), [1, capacity]);
    const zero = fill(scopeOf(lengths!), 'f32', [rows, capacity], 0);
    const lastSeen = isCompiledStep(program.library, rows) ? add(last!, -1) : last!;
    const notLate = select(lessOrEqual(columns, bound(lastSeen)), zero, masked);
    const generated = select(greaterOrEqual(columns, bound(first!)), notLate, masked);
    const isPrompt = lessOrEqual(columns, reshape(add(lengths!, -1), [rows, 1]));
    return [select(isPrompt, zero, generated)];
  });
  // Not part of the island: the write of a slot takes its bounds from host memory, on a GPU too.
  const edge = constant(scope, 'i32', [1], [0]);
  const begin = concat([edge, slot, edge], 0);
  const end = concat([edge, add(slot, 1), edge], 0);
  const shape = { rows, length: 1, capacity, compute };
  const layer = defineStepLayer(program.library, decodeModel(model), shape);
  const positions = reshape(inputs.positions, [rows, 1]);
  const body = throughLayers(parts, layer, inputs.ids, positions, [bias!, begin, end]);
  const head = defineNextToken(program.library, model, compute, rows, null);
  const outputs = callFunction(scope, head, [
    body.states, body.update, model.finalNorm.variable.handle, model.head.variable.handle,
  ], { after: body.writes }).outputs; // prettier-ignore
  program.entry(`step:${rows}x${capacity}`, inputs, { ids: outputs[0]! });
  program.entry(`step-logits:${rows}x${capacity}`, inputs, { logits: outputs[1]! });
}

function decodeModel({ config, slots, mode }: ModelVariables): DecodeModel {
  return { config, slots, lora: mode.lora };
}

/** Embedding and all layers. */
function throughLayers(
  { program, model, cache, compute }: Parts,
  layer: LayerCall,
  ids: Value,
  positions: Value,
  extra: readonly Value[],
): { states: Value; update: Value; writes: readonly Node[] } {
  const { variable } = model.embedding;
  // Not ResourceGather: it would put the table, which may be the head as well, into copy-on-read mode.
  const rows = gather(readVariable(variable.handle, variable), reshape(ids, [-1]));
  let states = cast(rows, 'f32');
  let update = fill(program.main, compute, states.shape, 0);
  const { cosine, sine } = ropeTables(positions, model.config.headDim, model.config.ropeTheta);
  const writes: Node[] = [];
  model.layers.forEach((parameters, index) => {
    const { keys, values } = cache.layers[index]!;
    const args = [states, update, cosine, sine, ...extra, keys, values];
    const after = layer([...args, ...layerHandles(parameters)]);
    ({ states, update } = after);
    writes.push(...after.writes);
  });
  return { states, update, writes };
}

function addResize(
  { program, model, cache }: Parts,
  name: string,
  from: CacheShape,
  to: CacheShape,
): void {
  const kept = program.placeholder('i32', [to.rows]);
  const callee = defineResize(program, model.config, cache.dtype, from, to);
  const calls: Node[] = cache.layers.flatMap(({ keys, values }) =>
    [keys, values].map((handle) => callFunction(program.main, callee, [handle, kept])),
  );
  program.entry(name, { kept }, {}, calls);
}
