/**
 * Taking a model away: what may be asked for and what comes out. `hf` is a folder that transformers
 * loads, `peft` a LoRA adapter's, `merged` an adapter folded into its base, `gguf` a file for llama.cpp.
 */
export const modelFormats = ['hf', 'peft', 'merged', 'gguf'] as const;
export type ModelFormat = (typeof modelFormats)[number];

/** `q8_0` in GGUF only. */
export const exportDtypes = ['f32', 'f16', 'bf16', 'q8_0'] as const;
export type ExportDtype = (typeof exportDtypes)[number];

export interface ModelExportRequest {
  /** A run (its enhanced model), by id or folder, or the folder of a checkpoint, model or adapter. */
  checkpoint: string;
  format: ModelFormat;
  /** A folder that is new or empty; for GGUF also a new file ending in .gguf. */
  out: string;
  /** Type of the weights; absent: as they are stored. */
  dtype?: ExportDtype;
  /** Folder of the base, for an adapter that does not name it. */
  base?: string;
  /** What the model is to be called; absent: as the run, or the folder. */
  name?: string;
  /** What the base is called where it is published, e.g. Qwen/Qwen3-4B. */
  baseId?: string;
}

export interface ModelExportProgress {
  doneBytes: number;
  totalBytes: number;
}

export interface ExportedModel {
  format: ModelFormat;
  name: string;
  /** The folder, or the .gguf file where one was asked for. */
  path: string;
  /** Of the tensors; mixed where they are stored in several types. */
  dtype: ExportDtype | 'mixed';
  parameters: number;
  /** In `path`, or beside it where it is a file. */
  files: { name: string; bytes: number }[];
  bytes: number;
  /** What the receiver should know, in plain words. */
  notes: string[];
}

/** What can be made of one checkpoint. */
export interface ExportChoices {
  /** What the model is called when no other name is given. */
  name: string;
  /** Where its base is published, as far as that is known. */
  baseId: string | null;
  /** Each with the reason why not, as a sentence; null: possible. */
  formats: { format: ModelFormat; problem: string | null }[];
}
