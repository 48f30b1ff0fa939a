/** Cases that nobody recorded and play needs. They were replayed on a real cluster, too: test/slow/real-cluster/contract. */
import { conflicts } from './conflicts.ts';
import { deletion } from './deletion.ts';
import { everyday } from './everyday.ts';
import { frozenObjects } from './frozen.ts';
import { limits } from './limits.ts';
import { networks } from './networking.ts';
import { autoscalers, budgets, quotas } from './policies.ts';
import { running } from './running.ts';
import { sets } from './sets.ts';
import { watches } from './watches.ts';

/** For the API server alone. */
export const plainTopics = [autoscalers, conflicts, deletion, frozenObjects, limits, networks, watches];

/** For a whole cluster: Pods run, controllers work. */
export const clusterTopics = [budgets, quotas, running];

/** Of kubectl, with running Pods. */
export const kubectlTopics = [everyday, sets];
