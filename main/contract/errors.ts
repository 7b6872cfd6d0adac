/**
 * The one error type users see: what is wrong and where (message), what to do about it (hint).
 * It crosses IPC, the worker port and `--json` output as the plain object `ErrorDetails`;
 * anything else that is thrown is a defect and keeps its stack trace in the log.
 */
export type ErrorCode =
  | 'usage'
  | 'config-invalid'
  | 'file-missing'
  | 'file-unreadable'
  | 'file-unwritable'
  | 'model-invalid'
  | 'model-unsupported'
  | 'weights-corrupt'
  | 'vocabulary-mismatch'
  | 'tokenizer-invalid'
  | 'template-invalid'
  | 'data-invalid'
  | 'data-empty'
  | 'entropy-invalid'
  | 'curriculum-invalid'
  | 'checkpoint-corrupt'
  | 'cache-damaged'
  | 'run-missing'
  | 'run-locked'
  | 'run-invalid'
  | 'disk-full'
  | 'loss-not-finite'
  | 'runtime-missing'
  | 'device-unsupported'
  | 'engine-crashed'
  | 'sandbox-missing'
  | 'sandbox-failed'
  | 'stopped'
  | 'internal';

export interface ErrorDetails {
  code: ErrorCode;
  message: string;
  hint: string;
}

export class StudioError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StudioError';
    this.code = code;
    this.hint = hint;
  }
}

/** Any thrown value as the object that crosses process borders. */
export function toErrorDetails(error: unknown): ErrorDetails {
  if (error instanceof StudioError) {
    return { code: error.code, message: error.message, hint: error.hint };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'internal', message, hint: 'This is a defect. The log has the details.' };
}
