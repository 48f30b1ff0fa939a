import type { Action, Preimage } from './action.ts';

/** Where a recorder puts what it saw: the conductor, over its API. */
export interface Sink {
  actions(actions: Action[]): Promise<void>;
  /** Resolves only after the pre-images are on disk; rejects when the game takes no more changes. */
  preimages(preimages: Preimage[]): Promise<void>;
}
