/**
 * What a pipeline gets from whoever hosts it: a folder, a place to report to, and the wishes of the
 * user. The pipeline asks for those wishes between two optimizer steps (or chunks of another
 * stage) and acts on them; it never looks at signals, files or messages itself.
 *
 * Between two steps:
 *   await context.breathe();
 *   if (control.cancelRequested()) throw stopped;                   // nothing is saved
 *   if (control.stopRequested() || control.pauseRequested()) { save a checkpoint; throw stopped; }
 *   if (control.checkpointRequested()) save a checkpoint;           // its event takes the wish back
 * where `stopped` is a StudioError('stopped', ...). Pausing frees the device: to go on, the pipeline
 * is run again and finds its done stages and its checkpoint.
 */
import type { Emit, StageName } from '../contract/events.ts';

export interface RunControl {
  stopRequested(): boolean;
  pauseRequested(): boolean;
  /** End after this step without saving. */
  cancelRequested(): boolean;
  /** Save after this step and go on; true until a `checkpoint` event was emitted. */
  checkpointRequested(): boolean;
}

/** The pipeline emits `run-started`, since it knows the device; how a run ended is the host's. */
export interface RunContext {
  /** `runs/<id>`: `config.json` and `events.jsonl` are the host's, everything else is free. */
  runFolder: string;
  /** True when the run has been worked on before. */
  resumed: boolean;
  /** Of this program, for `run-started`. */
  version: string;
  emit: Emit;
  control: RunControl;
  /** Lets signals, messages and timers in; TensorFlow's calls block the thread in between. */
  breathe(): Promise<void>;
  /**
   * Before a training stage goes on from a checkpoint: takes the events of its later steps out of
   * the log, so that no step appears twice. `step` 0 means: the stage starts anew.
   */
  rewind(stage: StageName, step: number): void;
  /** Puts all events so far safely on disk; call it just before a checkpoint becomes valid. */
  flushEvents(): void;
}

export type RunPipeline<Config> = (config: Config, context: RunContext) => Promise<void>;
