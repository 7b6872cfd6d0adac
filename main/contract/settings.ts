/** Preferences of this user on this machine; kept by the shell, never part of a run. */
import { z } from 'zod';

export const settingsSchema = z.strictObject({
  theme: z.enum(['auto', 'light', 'dark']).default('auto'),
  /** Where runs are kept; null: the default folder. */
  runsDirectory: z.string().nullable().default(null),
  notifications: z.boolean().default(true),
  /** Exponential smoothing of curves, 0 = none. */
  smoothing: z.number().min(0).max(0.99).default(0),
  /** "Why this matters" notes that were folded away. */
  foldedNotes: z.array(z.string()).default([]),
  recentModels: z.array(z.string()).max(12).default([]),
  recentDataFiles: z.array(z.string()).max(12).default([]),
  /** Columns of the list of runs that are hidden. */
  hiddenColumns: z.array(z.string()).default([]),
});

export type Settings = z.output<typeof settingsSchema>;
export const settingsChangeSchema = settingsSchema.partial();
