/**
 * Text of users, data and models as it may stand in a report: what it says, and nothing that changes
 * how the rest is shown. Terminal escape sequences, control characters, direction overrides (which
 * can make "exe.gpj" read as "jpg.exe") and invisible characters go; tabs and line ends stay. Joiners
 * stay too: scripts and emoji need them.
 */
const escapeSequences =
  // oxlint-disable-next-line no-control-regex
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b\]|\u009d)[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[@-Z\\-_a-z]/g;
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
const directions = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const invisible =
  /[\u00ad\u180e\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\uffff]|[\u{e0000}-\u{e007f}]/gu;
const halfCharacters = /\p{Surrogate}/gu;

export function plainText(text: string): string {
  return text
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(escapeSequences, '')
    .replace(controls, '')
    .replace(directions, '')
    .replace(halfCharacters, '\ufffd')
    .replace(invisible, (character) => (character === '\ufffd' ? character : ''));
}

/** The same in one line. */
export function plainLine(text: string): string {
  return plainText(text).replace(/\s+/g, ' ').trim();
}
