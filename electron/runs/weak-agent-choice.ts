/**
 * Which weak agent to take when in doubt. The method wants one that still doubts what the strong model no
 * longer does, and that is good enough for its doubts to mean something. Between the base (all doubt) and
 * the strong model (none to give) we recommend the candidate whose entropy on held-out rows is nearest
 * to the middle of the two. A rule of thumb of this program, not of the paper, whose own choice is the
 * base; and the base it is where nothing else was measured.
 */
import type { Lineage, LineageNode } from '../../main/contract/inspection.ts';

/** `start`: the model that the new run fine-tunes. */
export function recommendWeakAgent(
  nodes: readonly LineageNode[],
  start: string,
): Lineage['recommended'] {
  const base = nodes.find(({ id }) => id === start);
  if (base === undefined) return undefined;
  const reached = expectedStrong(nodes, base);
  const doubt = base.heldOut?.entropy;
  if (reached?.heldOut?.entropy === undefined || doubt === undefined) {
    return {
      id: start,
      reason:
        'Recommended: the model this run starts from, the reference’s own choice. After SFT it is weaker than the strong model and shares its vocabulary. Checkpoints of earlier runs are not compared: none of this model was measured on held-out rows.',
    };
  }
  const certain = reached.heldOut.entropy;
  const middle = (doubt + certain) / 2;
  const candidates = nodes.filter(
    (node) =>
      node.problem === undefined &&
      (node === base || (node.runId === reached.runId && node.stage === 'sft')) &&
      (node.heldOut?.entropy ?? 0) > certain,
  );
  const distance = ({ heldOut }: LineageNode): number => Math.abs(heldOut!.entropy! - middle);
  const [best = base] = candidates.sort((a, b) => distance(a) - distance(b));
  const figures = `entropy on held-out rows: ${digits(doubt)} nats at the start, ${digits(certain)} after SFT in ${reached.runName}`;
  const what =
    best === base
      ? `the model this run starts from. No kept checkpoint lies nearer to the middle of what SFT moves (${figures}).`
      : `${best.label}. At ${digits(best.heldOut!.entropy!)} nats it is the kept checkpoint nearest to the middle of what SFT moves (${figures}): it still doubts, and already knows the task.`;
  return { id: best.id, reason: `Recommended: ${what} A rule of thumb; the paper takes the base.` };
}

/** What SFT of this model came to in the newest run that measured it: its last checkpoint. */
function expectedStrong(nodes: readonly LineageNode[], base: LineageNode): LineageNode | undefined {
  const descends = (node: LineageNode | undefined): boolean => {
    for (let steps = 0; node !== undefined && steps < 1000; steps++) {
      if (node.id === base.id) return true;
      const { parent } = node;
      node = nodes.find(({ id }) => id === parent);
    }
    return false;
  };
  return nodes
    .filter((node) => node.stage === 'sft' && node.heldOut?.entropy !== undefined)
    .filter(descends)
    .sort((a, b) => (b.time ?? 0) - (a.time ?? 0))[0];
}

function digits(value: number): string {
  return value.toPrecision(3);
}
