/**
 * How long a line of Electron gets security updates. Electron supports its three newest major versions:
 * a line's support ends when the third one after it is released. For lines where that is still to come,
 * the end is their own release and three times Electron's eight weeks between majors.
 *
 * When the electron package is updated: add the lines released since (`npm view electron time`).
 */
/** First stable release of each line, as published on npm; Electron 22 as the fallback runtime. */
const released = {
  22: '2022-11-29',
  40: '2026-01-16',
  41: '2026-03-11',
  42: '2026-05-06',
  43: '2026-07-01',
  44: '2026-08-25',
  45: '2026-10-21',
};
/** Electron 22 was the last one for Windows 7 and was supported for longer than the rule says. */
const extended = { 22: '2023-10-10' };
const weeksOfSupport = 24;

/**
 * @param {string} version e.g. "45.4.1"
 * @returns {string | null} YYYY-MM-DD, at the latest; null for a line newer than this table
 */
export function endOfSupport(version) {
  const line = Number.parseInt(version, 10);
  if (line in extended) return extended[line];
  const lines = Object.keys(released).map(Number);
  const successor = lines.find((other) => other >= line + 3);
  if (successor !== undefined) return released[successor];
  if (!(line in released)) return null;
  const end = new Date(released[line]);
  end.setUTCDate(end.getUTCDate() + 7 * weeksOfSupport);
  return end.toISOString().slice(0, 10);
}

/**
 * The day on which the support of a line ended; null while it lasts.
 * @param {string} version
 * @param {Date} now
 * @returns {string | null}
 */
export function supportEnded(version, now = new Date()) {
  const end = endOfSupport(version);
  return end !== null && end < now.toISOString().slice(0, 10) ? end : null;
}
