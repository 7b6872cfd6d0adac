/**
 * A program is everything one session can do: variables, functions, and entries (named feeds and
 * fetches over the main graph). A session's graph is fixed when it is opened and variables are not
 * shared between sessions, so each length, mode and helper is an entry of the same program.
 */
import { attribute, shapeMessage } from './attributes.ts';
import { dtypeNumber, type DType, type Shape } from './dtype.ts';
import { Library, type Placement } from './library.ts';
import { scalar } from './ops/constant.ts';
import type { ResourceSpec } from './ops/variable.ts';
import { encodeSavedModel } from './saved-model-proto.ts';
import { Scope, type Node, type Value } from './scope.ts';
import { nodeMessage } from './serialize.ts';

export interface Variable extends ResourceSpec {
  readonly name: string;
  /** The resource, a value of the main graph. */
  readonly handle: Value;
  /** Variables of one group are set to zero, loaded and read together. */
  readonly group: string;
}

export interface Entry {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly outputs: Readonly<Record<string, Value>>;
}

export class Program {
  readonly library: Library;
  readonly main: Scope;
  readonly variables = new Map<string, Variable>();
  readonly entries = new Map<string, Entry>();

  constructor(placement: Placement) {
    this.library = new Library(placement);
    this.main = new Scope('main', this.library);
  }

  variable(name: string, spec: ResourceSpec, group: string): Variable {
    if (this.variables.has(name)) throw new Error(`variable '${name}' exists`);
    if (spec.shape.length === 0 || (spec.dtype === 'bf16' && spec.shape.at(-1)! % 2 === 1)) {
      throw new Error(`variable '${name}' of ${spec.dtype} [${spec.shape}] cannot be transferred`);
    }
    const handle = this.main.value({
      op: 'VarHandleOp',
      name: `variable/${graphName(name)}`,
      attributes: {
        dtype: attribute.type(spec.dtype),
        shape: attribute.shape(spec.shape),
        shared_name: attribute.string(name),
        container: attribute.string(''),
      },
      dtype: 'resource',
      shape: [],
    });
    const variable = { name, handle, group, dtype: spec.dtype, shape: [...spec.shape] };
    this.variables.set(name, variable);
    return variable;
  }

  /** A value that every call of an entry feeds. `shape` null: any. */
  placeholder(dtype: DType, shape: Shape | null): Value {
    return this.main.value({
      op: 'Placeholder',
      attributes: {
        dtype: attribute.type(dtype),
        shape: shape ? attribute.shape(shape) : attribute.anyShape(),
      },
      dtype,
      shape: shape ?? [],
    });
  }

  /** `effects` have run when the call returns, also where no output depends on them. */
  entry(
    name: string,
    inputs: Record<string, Value>,
    outputs: Record<string, Value>,
    effects: readonly Node[] = [],
  ): void {
    if (this.entries.has(name)) throw new Error(`entry '${name}' exists`);
    const done: Record<string, Value> = {};
    if (effects.length > 0) {
      done['done'] = this.main.value({
        op: 'Identity',
        inputs: [scalar(this.main, 'i32', 1)],
        control: effects,
        attributes: { T: attribute.type('i32') },
        dtype: 'i32',
        shape: [],
      });
    }
    this.entries.set(name, { inputs, outputs: { ...outputs, ...done } });
  }

  /** The bytes of saved_model.pb. One formal signature: sessions address nodes by name. */
  savedModel(): Uint8Array {
    const anchor = scalar(this.main, 'i32', 0);
    const info = {
      name: `${anchor.node.name}:0`,
      dtype: dtypeNumber('i32'),
      tensor_shape: shapeMessage([]),
    };
    const signature = { inputs: {}, outputs: { anchor: info }, method_name: 'weak-driven-studio' };
    return encodeSavedModel({
      saved_model_schema_version: 1,
      meta_graphs: [
        {
          meta_info_def: { tags: ['serve'], tensorflow_version: '2.21.0' },
          graph_def: {
            versions: { producer: 2000, min_consumer: 12 },
            library: { function: [...this.library.functions.values()].map((f) => f.message) },
            node: this.main.nodes.map((node) => nodeMessage(node)),
          },
          signature_def: { program: signature },
        },
      ],
    });
  }
}

/** Node names allow fewer characters than parameter names. */
function graphName(name: string): string {
  return name.replace(/[^A-Za-z0-9_.\\/-]/g, '_');
}
