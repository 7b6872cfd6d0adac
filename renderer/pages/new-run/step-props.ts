/** What every step of the wizard gets: the draft, and how to change a part of it. */
import type { Draft } from '../../state/draft.ts';

export interface StepProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
}
