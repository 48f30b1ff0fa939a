import type { QueryLimits } from '../../../promql/query.ts';
import type { RuleGroup } from '../../../rules/group.ts';
import type { SandboxClock } from '../../api.ts';
import { SeriesWriter } from '../scrape/write.ts';
import type { Storage } from '../tsdb/storage.ts';
import { inTurns, pace } from '../turns.ts';

/** How long a query of a template may take, ms: it keeps all others waiting. */
const TEMPLATE_QUERY_MS = 250;

/** What a group of rules needs to read from the storage and write to it. */
export function onStorage(storage: Storage, limits: QueryLimits = {}) {
  return {
    source: storage,
    writer: () => new SeriesWriter(storage),
    limits,
    templateLimits: { ...limits, pace: pace({ timeoutMs: TEMPLATE_QUERY_MS }) },
    stopwatch: () => performance.now(),
  };
}

/** Evaluates a group each interval; an evaluation that takes longer makes the next one be left out. Returns stop. */
export function evaluateEachInterval(group: RuleGroup, clock: SandboxClock): () => void {
  let isBusy = false;
  const evaluate = async () => {
    if (isBusy) return;
    isBusy = true;
    try {
      await inTurns(group.evaluation(clock.now()));
    } finally {
      isBusy = false;
    }
  };
  return clock.setInterval(() => void evaluate(), group.definition.intervalMs);
}
