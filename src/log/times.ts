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
  /** From when on what somebody had diagnosed was right, origin and mechanism, and stayed so. */
  diagnosed?: number;
  /** First action that changed something, decoys apart. Whether it helped is for the grade to say. */
  changed?: number;
  /** From when on the oracle held until the end. */
  mitigated?: number;
  /** When a claim was accepted. A game that ends by itself is not verified by anybody. */
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
    diagnosed: rightDiagnosis(state),
    changed: earliest(
      state.actions
        .filter((one) => one.effect === 'mutate' && !isOnDecoys(one, state.plan?.operations))
        .map((one) => one.at),
    ),
    mitigated: mitigated ? state.oracle?.heldSince : undefined,
    verified: mitigated ? state.claims.findLast(({ accepted }) => accepted)?.at : undefined,
    alertsReset: lastReset(fresh),
    ended: state.ended?.at,
    restored: state.restored?.at,
  };
}

/** How long people have from the injection on, real ms: the speed of the game shortens it. */
export function timeToPlay({ timeout, speed }: { timeout: number; speed: number }): number {
  return (timeout * 1000) / speed;
}

/** Real ms until the time is up. */
export function timeLeft({ game, injectedAt }: GameState, now: number): number {
  if (!game) return 0;
  return Math.max(0, timeToPlay(game) - (now - (injectedAt ?? now)));
}

/** The diagnosis that each stood by at the end; one that only names a part keeps the rest of what was said before. */
function rightDiagnosis({ diagnoses }: GameState): number | undefined {
  const people = [...new Set(diagnoses.map(({ who }) => who))];
  const since = people.map((who) => {
    let origin = false;
    let mechanism = false;
    let from: number | undefined;
    for (const one of diagnoses.filter((other) => other.who === who)) {
      if (one.origin !== undefined) origin = one.originRight === true;
      if (one.mechanism !== undefined) mechanism = one.mechanismRight === true;
      from = origin && mechanism ? (from ?? one.at) : undefined;
    }
    return from;
  });
  return earliest(since);
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
