import type { Verdict } from './compare.ts';

/** A playbook or a step of it in one game, as it was and as it is to be. */
export interface PartRow {
  readonly game: string;
  readonly scenario: string;
  readonly part: 'playbook' | 'step';
  /** `playbook/step`; of a whole playbook its name alone. */
  readonly what: string;
  /** What it did in the game, for people. */
  readonly before: string;
  readonly after: string;
  readonly verdict: Verdict;
  /** What changed, or why nothing can be said: a sentence, or ''. */
  readonly why: string;
}

/** What is said of one part besides the game and its name. */
export type PartChange = Pick<PartRow, 'before' | 'after' | 'verdict' | 'why'>;
