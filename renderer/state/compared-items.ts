/**
 * The items of a comparison by what became of them in one model against the baseline, and names of
 * models as the page's address and its picker write them: `run`, `run:member`, or a folder's path.
 */
import type { ComparedItem } from '../../main/contract/comparison.ts';
import type { RequestInput } from '../../main/contract/requests.ts';
import type { RunSummary } from '../../main/contract/runs.ts';
import type { Outcome } from './answer-pairs.ts';

/** Null where one of the two was not evaluated. */
export function outcomeOf({ answers }: ComparedItem, model: number): Outcome | null {
  const before = answers[0]?.correct;
  const after = answers[model]?.correct;
  if (before === undefined || after === undefined) return null;
  if (before === after) return after ? 'both right' : 'both wrong';
  return after ? 'fixed' : 'broken';
}

type Asked = RequestInput<'compare'>['models'][number];
const members = ['base', 'sft', 'baseline', 'neftune', 'undial', 'weak-driven'] as const;
type Member = (typeof members)[number];

export function askedModel(name: string): Asked {
  if (name.startsWith('/') || /^[A-Za-z]:\\/.test(name)) return { path: name };
  const [runId = '', member] = name.split(':');
  return member === undefined ? { runId } : { runId, member: member as Member };
}

/** Models of a run that its evaluation knows, the last one first; before that the run alone. */
export function namesOfRun({ id, results }: RunSummary): string[] {
  const known = results
    .map(({ model }) => model)
    .filter((model) => members.some((member) => member === model));
  return known.length === 0 ? [id] : known.reverse().map((model) => shortName(id, model));
}

function shortName(id: string, member: string): string {
  return member === 'weak-driven' ? id : `${id}:${member}`;
}

/**
 * What an address asks for, each once. One run alone stands for its weak-driven model beside SFT that
 * was continued for as many steps, or else beside its SFT model.
 */
export function namesOfAddress(asked: string, runs: readonly RunSummary[]): string[] {
  const names = [...new Set(asked.split(',').map(decodeURIComponent).filter(Boolean))];
  const only = runs.find(({ id }) => id === names[0]);
  if (names.length !== 1 || only === undefined) return names;
  const own = namesOfRun(only);
  const reference = [`${only.id}:baseline`, `${only.id}:sft`].find((name) => own.includes(name));
  return reference === undefined || !own.includes(only.id) ? names : [reference, only.id];
}
