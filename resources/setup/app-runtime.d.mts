/** Where the packaged app keeps the record of its TensorFlow library. */
export function appRuntimeFile(): string;
export function describeAppRuntime(): {
  tensorflow: string;
  build: 'cpu' | 'cuda';
  downloadBytes: number;
  diskBytes: number;
  folder: string;
};
export function ensureAppRuntime(): Promise<void>;
