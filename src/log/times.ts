import { type AlertEpisode, alertClockSlack } from './alert-episodes.ts';
import { isOnDecoys } from './decoys.ts';
import type { GameState } from './state.ts';

/** The moments every game yields, as wall ms since epoch; undefined: it did not happen (or not yet). */
export interface GameTimes {
  injected?: number;
  /** First sample after the injection in which a live signal was outside its objective. */
  symptom?: number;
  /** First new alert pending, firing, notified. */
  pending?: number;
  firing?: number;
  notified?: number;
  acknowledged?: number;
  /** First diagnosis whose origin was right. */
  diagnosed?: number;
  /** First action that changed something, decoys apart. Whether it helped is for the grade to say. */
  changed?: number;
  /** From when on the oracle held until the end. */
  mitigated?: number;
  /** When the oracle had held long enough: the end of a mitigated game. */
  verified?: number;
  /** The last new alert went inactive after the end of the fault; undefined while one still fires. */
  alertsReset?: number;
  ended?: number;
  restored?: number;
}

export function gameTimes(state: GameState): GameTimes {
  const { injectedAt: injected } = state;
  if (injected === undefined) return { ended: state.ended?.at, restored: state.restored?.at };
  const fresh = state.alerts.filter((one) => !one.background && one.activeAt >= injected - alertClockSlack);
  const mitigated = state.ended?.ending === 'mitigated';
  return {
    injected,
    symptom: firstBreach(state, injected),
    pending: earliest(fresh.map((one) => one.pendingAt ?? one.firingAt)),
    firing: earliest(fresh.map((one) => one.firingAt)),
    notified: earliest(fresh.map((one) => one.notifiedAt)),
    acknowledged: state.acknowledgements.find((one) => one.at >= injected)?.at,
    diagnosed: state.diagnoses.find((one) => one.originRight)?.at,
    changed: earliest(
      state.actions
        .filter((one) => one.effect === 'mutate' && !isOnDecoys(one, state.plan?.operations))
        .map((one) => one.at),
    ),
    mitigated: mitigated ? state.oracle?.heldSince : undefined,
    verified: mitigated ? state.ended?.at : undefined,
    alertsReset: lastReset(fresh),
    ended: state.ended?.at,
    restored: state.restored?.at,
  };
}

function firstBreach(state: GameState, injected: number): number | undefined {
  const breaches = (state.game?.signals ?? []).map(({ id, objective }) => {
    if (!objective) return undefined;
    const { below, above } = objective;
    const outside = (value: number) =>
      (below !== undefined && value >= below) || (above !== undefined && value <= above);
    const points = state.signals[id] ?? [];
    return points.find(([at, value]) => at >= injected && value !== null && outside(value))?.[0];
  });
  return earliest(breaches);
}

function lastReset(alerts: AlertEpisode[]): number | undefined {
  const fired = alerts.filter((one) => one.firingAt !== undefined);
  if (fired.length === 0 || fired.some((one) => one.inactiveAt === undefined)) return undefined;
  return Math.max(...fired.map((one) => one.inactiveAt ?? 0));
}

function earliest(times: (number | undefined)[]): number | undefined {
  const known = times.filter((time): time is number => time !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
