/**
 * Jinja for templates of strangers. @huggingface/jinja is an interpreter of its own: a template sees
 * the values it is given and no object of JavaScript's, so it cannot reach the file system or code.
 * What it could still do is use up time and memory; therefore every evaluated node counts against a
 * budget, and so does every value an expression makes. The budgets do not look at the clock: the same
 * template and messages pass or fail on every machine. Only parsing, whose regular expressions can
 * be made quadratic, and the render as a whole stand under a deadline too, through node:vm, which can
 * interrupt running code without a thread of its own (and so works in a bundled program).
 */
import { createContext, Script } from 'node:vm';
import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja';
import { StudioError } from '../../contract/errors.ts';

const MAX_TEMPLATE_LENGTH = 256 * 1024;
const MAX_STEPS = 250_000;
/** Characters of strings plus 8 per array element, over all values that expressions make. */
const MAX_MADE = 64 * 2 ** 20;
const MAX_RANGE = 100_000;
const DEADLINE_MS = 2_000;
const MAX_OUTPUT = 2 ** 20;

type Program = ReturnType<typeof parse>;
type Value = ReturnType<Interpreter['evaluate']>;
type Statement = Parameters<Interpreter['evaluate']>[0];

export interface LimitedTemplate {
  /**
   * The output may be 1 MiB longer than `inputLength`, the length of what the variables hold.
   * @throws template-invalid
   */
  render(variables: Record<string, unknown>, inputLength: number): string;
}

/** @throws template-invalid */
export function parseTemplate(source: string): LimitedTemplate {
  if (source.length > MAX_TEMPLATE_LENGTH) {
    throw refused(`it has ${source.length} characters, more than ${MAX_TEMPLATE_LENGTH}`);
  }
  const program = guarded(() =>
    parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true })),
  );
  return {
    render: (variables, inputLength) =>
      guarded(() => {
        const interpreter = new LimitedInterpreter(globals(variables), inputLength);
        return interpreter.output(program);
      }),
  };
}

class LimitedInterpreter extends Interpreter {
  private steps = 0;
  private made = 0;
  private readonly inputLength: number;

  constructor(environment: Environment, inputLength: number) {
    super(environment);
    this.inputLength = inputLength;
  }

  output(program: Program): string {
    const text: unknown = this.run(program).value;
    return typeof text === 'string' ? text : '';
  }

  override evaluate(statement: Statement, environment: Environment): Value {
    if (++this.steps > MAX_STEPS) throw refused(`it takes more than ${MAX_STEPS} steps`);
    const result = super.evaluate(statement, environment);
    const value: unknown = result.value;
    const limit = this.inputLength + MAX_OUTPUT;
    if (typeof value === 'string' && value.length > limit) {
      throw refused(`it makes a text longer than ${limit} characters`);
    }
    if (isMaking(statement)) {
      if (typeof value === 'string') this.made += value.length;
      if (Array.isArray(value)) this.made += 8 * value.length;
      if (this.made > MAX_MADE + 64 * this.inputLength) throw refused('it uses too much memory');
    }
    return result;
  }
}

/** Whether a node makes a new value rather than naming one that is there. */
function isMaking(statement: Statement): boolean {
  const type: string = statement?.type ?? '';
  return type !== 'Identifier' && type !== 'MemberExpression' && !type.endsWith('Literal');
}

function globals(variables: Record<string, unknown>): Environment {
  const environment = new Environment();
  for (const [names, value] of [
    [['true', 'True'], true],
    [['false', 'False'], false],
    [['none', 'None'], null],
  ] as const) {
    for (const name of names) environment.set(name, value);
  }
  environment.set('raise_exception', (message: unknown) => {
    throw refused(`it says: ${String(message)}`);
  });
  environment.set('strftime_now', () => {
    throw refused("it puts today's date into the prompt, so that no two days would train alike");
  });
  environment.set('range', range);
  for (const [name, value] of Object.entries(variables)) environment.set(name, value);
  return environment;
}

function range(first: unknown, second?: unknown, third: unknown = 1): number[] {
  const [start, stop] = typeof second === 'number' ? [first, second] : [0, first];
  if (!Number.isInteger(start) || !Number.isInteger(stop) || !Number.isInteger(third) || !third) {
    throw refused('it calls range() with something else than whole numbers');
  }
  const [from, to, step] = [start as number, stop as number, third as number];
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (length > MAX_RANGE) throw refused(`it calls range() for ${length} numbers`);
  return Array.from({ length }, (_, index) => from + index * step);
}

const context = createContext({ work: undefined as (() => unknown) | undefined });
const runWork = new Script('work()');

/** Runs under the deadline, and turns whatever the template does wrong into one error. */
function guarded<T>(work: () => T): T {
  const outer = context['work'] as (() => unknown) | undefined;
  context['work'] = work;
  try {
    return runWork.runInContext(context, { timeout: DEADLINE_MS }) as T;
  } catch (error) {
    if (error instanceof StudioError) throw error;
    const timedOut = (error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    throw refused(timedOut ? `it takes longer than ${DEADLINE_MS / 1000} seconds` : reason(error));
  } finally {
    context['work'] = outer;
  }
}

function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\s+/g, ' ').slice(0, 300);
}

function refused(why: string): StudioError {
  return new StudioError(
    'template-invalid',
    `The chat template cannot be used: ${why}.`,
    "Check chat_template in the model's tokenizer_config.json, and the roles in your data.",
  );
}
