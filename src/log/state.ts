import type { Action } from '../recorder/action.ts';
import {
  type AlertEpisode,
  alertChanged,
  alertNotified,
  alertSuppressed,
  injectedNow,
  isOnlyPending,
  markAcknowledged,
} from './alert-episodes.ts';
import type {
  CheckResult,
  EarlierGame,
  Ending,
  EventBody,
  EventHead,
  GameEvent,
  OperationSummary,
  Phase,
  Verdict,
} from './events.ts';

type Body<T extends EventBody['type']> = Extract<EventBody, { type: T }>;
type At<T> = T & { at: number };

/** An operation of the plan and what became of it. */
export interface OperationState extends OperationSummary {
  status: 'planned' | 'recorded' | 'applied' | 'verified' | 'reverted';
  /** Wall ms. */
  appliedAt?: number;
  verified?: { verdict: Verdict; seen: string };
  reverted?: { verdict: Verdict; seen: string };
}

/** What a game is at one moment: the reduction of its log. All times are wall ms since epoch. */
export interface GameState {
  /** Sequence number of the last event that went in; 0 before the first. */
  seq: number;
  /** Wall time of the last event. */
  at: number;
  /** What was fixed when the game was created; undefined only before the first event. */
  game: At<Omit<Body<'game-created'>, 'type'>> | undefined;
  phase: Phase;
  /** When each phase was entered, in order. */
  phases: { phase: Phase; at: number }[];
  /** What was in the way of the baseline when it was last told. */
  unmet: CheckResult[];
  baseline: At<Omit<Body<'baseline-taken'>, 'type'>> | undefined;
  plan: { operations: OperationState[]; permissions: string[]; blastRadius: string[] } | undefined;
  /** What the team's channel was told last. */
  announced: 'beginning' | 'ending' | undefined;
  injectedAt: number | undefined;
  effects: At<{ fault: string; seen: boolean; check: CheckResult; afterMs: number }>[];
  /** Faults and decoys that were not made, since their condition did not come to hold. */
  leftOut: At<{ fault: string; check: CheckResult }>[];
  /** Of what comes and goes: each turn, and why it did not come again. */
  turns: At<{ fault: string; turn: number; until: number; endedAt?: number }>[];
  repeatsOver: At<{ fault: string; why: string }>[];
  /** Every live signal's samples by id, ascending: [wall ms, value or null for a gap]. */
  signals: Record<string, [number, number | null][]>;
  /** One entry for each time an alert went pending or firing, in order of appearance. */
  alerts: AlertEpisode[];
  /** Silences that held an alert back, by id. */
  silences: Record<string, At<Omit<Body<'silence-seen'>, 'type'>>>;
  /** Undefined: nobody looked, or it could not be read. */
  alertmanager: { configured: boolean; nowhere: string[] } | undefined;
  earlierGames: EarlierGame[];
  actions: Action[];
  preimages: number;
  /** People connected now. */
  responders: string[];
  acknowledgements: At<{ who: string; alert?: string }>[];
  notes: At<{ who: string; text: string; step?: string }>[];
  hints: At<{ who: string; index: number; text: string }>[];
  diagnoses: At<Omit<Body<'diagnosed'>, 'type'>>[];
  claims: At<Omit<Body<'claimed'>, 'type'>>[];
  /** A claim that waits for the oracle's window. */
  pendingClaim: At<{ who: string }> | undefined;
  nudges: At<{ text: string }>[];
  /** The last evaluation of the oracle; `heldSince` is when it began to hold without a break. */
  oracle: At<{ checks: CheckResult[]; holds: boolean; heldForMs: number; heldSince?: number }> | undefined;
  /** When the oracle began to hold or to fail, in order; evaluations with gaps alone say neither. */
  oracleTurns: { at: number; holds: boolean }[];
  /** The last evaluation of the abort checks. */
  abort: At<{ checks: CheckResult[] }> | undefined;
  /** Parts of the monitoring or the cluster that did not answer, and until when. */
  failures: At<{ part: string; error: string; until?: number }>[];
  /** Those that do not answer now. */
  failing: string[];
  ended: At<{ ending: Ending; why: string }> | undefined;
  undone: At<{ ref: string; outcome: 'undone' | 'kept' | 'conflict'; seen: string }>[];
  restored: At<{ differences: string[]; conflicts: string[]; left?: string[] }> | undefined;
  /** Set when the game was restored by `misfortune recover` instead of its own conductor. */
  recovered: At<{ by: string }> | undefined;
  series: At<{ file: string; queries: number; skipped: number }> | undefined;
  graded: At<{ file: string }> | undefined;
  notGraded: At<{ error: string }> | undefined;
  /** The conductor has finished. */
  closed: At<{ exitCode: number }> | undefined;
}

/**
 * One step of the reduction. Pure and total: it never throws, whatever the order of events, because a
 * responder's stream lacks some and a log may end anywhere.
 */
export function reduce(state: GameState, event: GameEvent): GameState {
  return { ...state, seq: event.seq, at: event.at, ...change(state, event) };
}

/** The state after all these events. */
export function reduceAll(events: Iterable<GameEvent>): GameState {
  let state = initialState;
  for (const event of events) state = reduce(state, event);
  return state;
}

export const initialState: GameState = {
  seq: 0,
  at: 0,
  game: undefined,
  phase: 'draw',
  phases: [],
  unmet: [],
  baseline: undefined,
  plan: undefined,
  injectedAt: undefined,
  announced: undefined,
  effects: [],
  leftOut: [],
  turns: [],
  repeatsOver: [],
  signals: {},
  alerts: [],
  silences: {},
  alertmanager: undefined,
  earlierGames: [],
  actions: [],
  preimages: 0,
  responders: [],
  acknowledgements: [],
  notes: [],
  hints: [],
  diagnoses: [],
  claims: [],
  pendingClaim: undefined,
  nudges: [],
  oracle: undefined,
  oracleTurns: [],
  abort: undefined,
  failures: [],
  failing: [],
  ended: undefined,
  undone: [],
  restored: undefined,
  recovered: undefined,
  series: undefined,
  graded: undefined,
  notGraded: undefined,
  closed: undefined,
};

function change(state: GameState, event: GameEvent): Partial<GameState> {
  const { at } = event;
  switch (event.type) {
    case 'game-created':
      return { game: stamped(event) };
    case 'phase-entered':
      return { phase: event.phase, phases: [...state.phases, { phase: event.phase, at }] };
    case 'steady-state-awaited':
      return { unmet: event.unmet };
    case 'baseline-taken':
      return { unmet: [], baseline: stamped(event) };
    case 'plan-made': {
      const { permissions, blastRadius } = event;
      const operations = event.operations.map((one) => ({ ...one, status: 'planned' as const }));
      return { plan: { operations, permissions, blastRadius } };
    }
    case 'operation-recorded':
      return operation(state, event.id, { status: 'recorded' });
    case 'operation-applied':
      return operation(state, event.id, { status: 'applied', appliedAt: at });
    case 'operation-verified':
      return operation(state, event.id, { status: 'verified', verified: outcome(event) });
    case 'operation-reverted':
      return operation(state, event.id, { status: 'reverted', reverted: outcome(event) });
    case 'injected': {
      const injectedAt = event.since ?? firstBroken(state) ?? at;
      return { injectedAt, alerts: injectedNow(state.alerts, injectedAt) };
    }
    case 'effect-seen':
    case 'no-effect': {
      const { fault, check, afterMs } = event;
      return {
        effects: [...state.effects, { at, fault, check, afterMs, seen: event.type === 'effect-seen' }],
      };
    }
    case 'step-left-out':
      return { leftOut: [...state.leftOut, stamped(event)] };
    case 'turn-begun':
      return { turns: [...state.turns, stamped(event)] };
    case 'turn-ended':
      return { turns: state.turns.map((one) => (isTurn(one, event) ? { ...one, endedAt: at } : one)) };
    case 'repeat-over':
      return {
        repeatsOver: [...state.repeatsOver, stamped(event)],
        turns: state.turns.map((one) =>
          one.fault === event.fault && one.endedAt === undefined ? { ...one, endedAt: at } : one,
        ),
      };
    case 'signals-sampled':
      return { signals: sampled(state.signals, event) };
    case 'alert-changed':
      return {
        alerts: alertChanged(state.alerts, event, state),
      };
    case 'alert-notified':
      return { alerts: alertNotified(state.alerts, event) };
    case 'alert-suppressed':
      return { alerts: alertSuppressed(state.alerts, event) };
    case 'silence-seen':
      return { silences: { ...state.silences, [event.id]: stamped(event) } };
    case 'receivers-read':
      return { alertmanager: { configured: event.configured, nowhere: event.nowhere } };
    case 'earlier-games-read':
      return { earlierGames: event.games };
    case 'oracle-checked': {
      const { checks, holds, heldForMs } = event;
      const held = holds ? { heldSince: at - heldForMs } : {};
      return {
        oracle: { at, checks, holds, heldForMs, ...held },
        oracleTurns: withTurn(state.oracleTurns, checks, { at, holds }),
      };
    }
    case 'abort-checked':
      return { abort: { at, checks: event.checks } };
    case 'action-seen':
      return { actions: withAction(state.actions, event.action) };
    case 'preimage-kept':
      return { preimages: state.preimages + 1 };
    case 'responder-joined':
      return { responders: [...state.responders.filter((who) => who !== event.who), event.who] };
    case 'responder-left':
      return { responders: state.responders.filter((who) => who !== event.who) };
    case 'acknowledged':
      return isOnlyPending(state.alerts, event.alert)
        ? {}
        : {
            acknowledgements: [...state.acknowledgements, stamped(event)],
            alerts: markAcknowledged(state.alerts, event),
          };
    case 'noted':
      return { notes: [...state.notes, stamped(event)] };
    case 'hint-taken':
      return { hints: [...state.hints, stamped(event)] };
    case 'diagnosed':
      return { diagnoses: [...state.diagnoses, stamped(event)] };
    case 'claim-made':
      return { pendingClaim: stamped(event) };
    case 'claimed':
      return { claims: [...state.claims, stamped(event)], pendingClaim: undefined };
    case 'nudged':
      return { nudges: [...state.nudges, stamped(event)] };
    case 'monitor-failed':
      return {
        failures: [...state.failures, stamped(event)],
        failing: [...state.failing.filter((part) => part !== event.part), event.part],
      };
    case 'monitor-back':
      return {
        failures: state.failures.map((one) =>
          one.part === event.part && one.until === undefined ? { ...one, until: at } : one,
        ),
        failing: state.failing.filter((part) => part !== event.part),
      };
    case 'ended':
      return { ended: stamped(event) };
    case 'responder-change-undone':
      return { undone: [...state.undone, stamped(event)] };
    case 'restore-verified':
      return { restored: stamped(event) };
    case 'announced':
      return { announced: event.moment };
    case 'recovered':
      return { recovered: stamped(event) };
    case 'series-recorded':
      return { series: stamped(event) };
    case 'graded':
      return { graded: stamped(event) };
    case 'not-graded':
      return { notGraded: stamped(event) };
    case 'closed':
      return { closed: stamped(event) };
    default:
      // An event of a newer version: kept in the log, unknown here.
      return {};
  }
}

/** The event's own content with its wall time: head fields and the tag dropped. */
function stamped<E extends GameEvent>(event: E): At<Omit<E, keyof EventHead | 'type'>> {
  const { v: _v, seq: _seq, mono: _mono, type: _type, ...content } = event;
  return content as unknown as At<Omit<E, keyof EventHead | 'type'>>;
}

function outcome(event: { verdict: Verdict; seen: string }): { verdict: Verdict; seen: string } {
  return { verdict: event.verdict, seen: event.seen };
}

/** When the first change of a fault was made: a rollout that it waits for may take its time, and show before it is over. */
export function firstBroken({ plan }: GameState): number | undefined {
  const made = (plan?.operations ?? []).flatMap(({ role, appliedAt }) =>
    role === undefined && appliedAt !== undefined ? [appliedAt] : [],
  );
  return made.length > 0 ? Math.min(...made) : undefined;
}

function operation(state: GameState, id: string, update: Partial<OperationState>): Partial<GameState> {
  if (!state.plan) return {};
  const operations = state.plan.operations.map((one) => (one.id === id ? { ...one, ...update } : one));
  return { plan: { ...state.plan, operations } };
}

function withTurn(
  turns: GameState['oracleTurns'],
  checks: readonly CheckResult[],
  now: { at: number; holds: boolean },
): GameState['oracleTurns'] {
  const isKnown = now.holds || checks.some(({ holds, gap }) => !holds && !gap);
  return isKnown && turns.at(-1)?.holds !== now.holds ? [...turns, now] : turns;
}

function isTurn(one: { fault: string; turn: number }, other: { fault: string; turn: number }): boolean {
  return one.fault === other.fault && one.turn === other.turn;
}

function sampled(
  signals: GameState['signals'],
  event: EventHead & Body<'signals-sampled'>,
): GameState['signals'] {
  const next = { ...signals };
  for (const { id, value } of event.samples) next[id] = [...(next[id] ?? []), [event.at, value]];
  return next;
}

/** A long-running action (a watch, `logs -f`) is reported again when it ends: the newer report wins. */
function withAction(actions: Action[], action: Action): Action[] {
  const index = actions.findIndex((one) => one.id === action.id);
  return index < 0 ? [...actions, action] : actions.with(index, action);
}
