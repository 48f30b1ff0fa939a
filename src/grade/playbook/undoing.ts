import type { GameState } from '../../log/state.ts';
import { directionOf } from '../../playbook/command-effect.ts';
import type { Action, KubeRequest } from '../../recorder/action.ts';
import { type Deed, isWriteDeed, objectOf, writesOf } from './deeds.ts';

/** What the oracle said during a game, as far as it tells what a write led to. */
export interface OracleHistory {
  turns: readonly { at: number; holds: boolean }[];
  /** When the game itself broke something after the injection: what turned red then is nobody's doing. */
  own: readonly number[];
  /** How long after a write its effect shows, real ms. */
  settleMs: number;
}

/** Windows of rates and the oracle's own pace, at speed 1. */
const settleMs = 120_000;
const leastSettleMs = 20_000;

export function oracleHistory(state: GameState): OracleHistory {
  const injected = state.injectedAt ?? 0;
  const applied = (state.plan?.operations ?? []).flatMap(({ appliedAt = 0 }) =>
    appliedAt > injected ? [appliedAt] : [],
  );
  return {
    turns: state.oracleTurns,
    own: [...state.turns.map(({ at }) => at), ...applied],
    settleMs: Math.max(leastSettleMs, settleMs / (state.game?.speed ?? 1)),
  };
}

export const noHistory: OracleHistory = { turns: [], own: [], settleMs };

/** Whether the oracle held at a moment; undefined: it had not been asked yet. */
export function heldAt({ turns }: OracleHistory, at: number): boolean | undefined {
  return turns.findLast((turn) => turn.at <= at)?.holds;
}

/**
 * When the service failed again because of a write: the oracle held when it was made, and turned red soon after it, before
 * the next write, and nothing of the game's own came in between.
 */
export function brokenAt(deed: Deed, next: Deed | undefined, history: OracleHistory): number | undefined {
  if (!isWriteDeed(deed) || heldAt(history, deed.at) !== true) return undefined;
  const red = history.turns.find(({ at, holds }) => !holds && at > deed.at);
  if (!red || red.at - deed.at > history.settleMs || (next && next.at < red.at)) return undefined;
  const isOurs = history.own.some((at) => at > deed.at - history.settleMs && at <= red.at);
  return isOurs ? undefined : red.at;
}

/** Whether a later write takes back what an earlier one did to the same object: the value as before, the number the other way. */
export function takesBack(later: Action, earlier: Action): boolean {
  return writesOf(later).some((second) =>
    writesOf(earlier).some((first) => objectOf(first) === objectOf(second) && isReverse(second, first)),
  );
}

function isReverse(second: KubeRequest, first: KubeRequest): boolean {
  if (takesAway(first)) return makes(second);
  if (makes(first)) return takesAway(second);
  return (second.changes ?? []).some((change) => {
    const before = first.changes?.find(({ path }) => path === change.path);
    if (!before || !Object.is(change.from, before.to)) return false;
    if (isUnset(change.to) && isUnset(before.from)) return !isUnset(change.from);
    if (Object.is(change.to, before.from)) return true;
    // What a boolean was before it was first set is its opposite.
    if (typeof change.to === 'boolean') return isUnset(before.from) && change.to !== before.to;
    return directionOf(before) !== 0 && directionOf(change) === -directionOf(before);
  });
}

/** An eviction is a create of a subresource, and deletes a pod. */
function takesAway({ verb, subresource }: KubeRequest): boolean {
  return verb === 'delete' || subresource === 'eviction';
}

function makes({ verb, subresource }: KubeRequest): boolean {
  return verb === 'create' && subresource === undefined;
}

function isUnset(value: unknown): boolean {
  return value === undefined || value === null;
}
