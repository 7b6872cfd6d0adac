/**
 * Where a position of the NFC form of a text lies in the text itself. NFC works on runs of a starter
 * and the marks that combine with it, so both texts are walked run by run; inside a run that has
 * changed, positions go to its start (for where a token begins) or its end (for where one stops).
 * The Rust implementation reports the starter alone there; elsewhere the positions are equal. All positions are UTF-16 code units.
 */

/** One starter with what may combine with it: marks, and the later letters of a Hangul syllable. */
const RUN = /[^\p{M}\u1160-\u11FF][\p{M}\u1160-\u11FF]*|[\p{M}\u1160-\u11FF]+/gsu;

export interface OriginalPositions {
  /** For a position where a token begins in the NFC form. */
  start(position: number): number;
  /** For a position where a token stops in the NFC form. */
  end(position: number): number;
}

export function originalPositions(original: string, normalized: string): OriginalPositions {
  if (original === normalized)
    return { start: (position) => position, end: (position) => position };
  const starts = new Int32Array(normalized.length + 1);
  const ends = new Int32Array(normalized.length + 1);
  let from = 0;
  let to = 0;
  for (const [run] of original.matchAll(RUN)) {
    const changed = run.normalize('NFC');
    if (!normalized.startsWith(changed, to)) return wholeText(original, normalized);
    const same = changed === run;
    for (let index = 0; index < changed.length; index++) {
      starts[to + index] = same ? from + index : from;
      ends[to + index + 1] = same ? from + index + 1 : from + run.length;
    }
    from += run.length;
    to += changed.length;
  }
  if (to !== normalized.length) return wholeText(original, normalized);
  starts[to] = from;
  return { start: (position) => starts[position]!, end: (position) => ends[position]! };
}

/** Where the runs do not explain the change: every token may come from anywhere in the text. */
function wholeText(original: string, normalized: string): OriginalPositions {
  return {
    start: (position) => (position === normalized.length ? original.length : 0),
    end: (position) => (position === 0 ? 0 : original.length),
  };
}
