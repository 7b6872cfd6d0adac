/**
 * How set-up speaks: one line per step on stderr (stdout belongs to the command that follows, whose
 * `--json` must stay one document), a percentage in place on a terminal, one line for a failure.
 */
const interactive = process.stderr.isTTY === true;

/** A failure the user can mend: `problem` says what is wrong, `remedy` what to do about it. */
export class SetupError extends Error {
  constructor(problem, remedy) {
    super(`${problem}. ${remedy}`);
    this.name = 'SetupError';
    this.problem = problem;
    this.remedy = remedy;
  }
}

/** Told about every step as well: `(title, fraction)`, the fraction in [0, 1], null while unknown. */
let listener = () => undefined;

export function onStep(listen) {
  listener = listen;
}

export function say(text) {
  process.stderr.write(`set-up: ${text}\n`);
}

/**
 * Runs one step and reports it. `work` gets a function that takes the done fraction in [0, 1]. A result
 * with an exit code other than 0 reads `failed`; what that means is the caller's to say. Off a terminal
 * the start of the step is its own line, so that a log shows what is being waited for.
 */
export async function step(title, work) {
  const started = Date.now();
  const draw = (suffix) => process.stderr.write(`\r\u001b[Kset-up: ${title}${suffix}`);
  if (interactive) draw(' ...');
  else say(`${title} ...`);
  listener(title, null);
  let shown = -1;
  const end = (text) => (interactive ? draw(`: ${text}\n`) : say(`${title}: ${text}`));
  try {
    const result = await work((fraction) => {
      listener(title, Math.min(1, fraction));
      const percent = Math.min(99, Math.floor(fraction * 100));
      if (!interactive || percent === shown) return;
      shown = percent;
      draw(` ${percent} %`);
    });
    const succeeded = result?.code === undefined || result.code === 0;
    end(succeeded ? `done in ${((Date.now() - started) / 1000).toFixed(1)} s` : 'failed');
    return result;
  } catch (error) {
    end('failed');
    throw error;
  }
}

/** Ends the process as every set-up command does: one line, exit code 1; defects keep their stack. */
export function exitWith(error) {
  if (error instanceof SetupError) say(error.message);
  else process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}

export function megabytes(bytes) {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
}
