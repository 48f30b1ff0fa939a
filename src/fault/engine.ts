import type { Clock } from '../clock.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { EventBody } from '../log/events.ts';
import type { Ledger } from './ledger/ledger.ts';

/** What applying and reverting need. */
export interface Engine {
  cluster: Cluster;
  ledger: Ledger;
  clock: Clock;
  /** Ends it between two requests; what was begun is in the ledger. */
  signal?: AbortSignal;
  /** Told of every step, for the game's log. */
  emit(event: EventBody): void;
}
