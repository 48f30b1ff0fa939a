/**
 * Cases that nobody recorded and play needs. The plain ones were replayed on a real cluster, too:
 * test/slow/real-cluster/contract.
 */
import { conflicts } from './conflicts.ts';
import { deletion } from './deletion.ts';
import { everyday } from './everyday.ts';
import { limits } from './limits.ts';
import { sets } from './sets.ts';
import { watches } from './watches.ts';

/** For the API server alone. */
export const plainTopics = [conflicts, deletion, limits, watches];

/** Of kubectl, with running Pods. */
export const kubectlTopics = [everyday, sets];
import { autoscalers, budgets, quotas } from './policies.ts';
import { running } from './running.ts';
import { watches } from './watches.ts';

/** For the API server alone. */
export const plainTopics = [autoscalers, conflicts, deletion, limits, watches];

/** For a whole cluster: Pods run, controllers work. */
export const ownTopics = [...plainTopics, budgets, quotas, running];
