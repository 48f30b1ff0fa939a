import type { GameEvent } from './events.ts';

type Type = GameEvent['type'];
type Of<T extends Type> = Extract<GameEvent, { type: T }>;

/**
 * Who may see an event before the debrief: the game master alone, or responders as well: the whole of it, or what the
 * function leaves of it (undefined: nothing).
 */
type Audience<T extends Type> = 'game-master' | 'everybody' | ((event: Of<T>) => Of<T> | undefined);

/**
 * The audience of every event of the log: one without an entry does not compile. Names of scenario and playbook, verdicts
 * on diagnoses and the failing checks of a claim are taken out; titles are symptoms and stay.
 */
const audiences: { [T in Type]: Audience<T> } = {
  'game-created': (event) => ({ ...event, scenario: '', playbook: '', seed: 0 }),
  'phase-entered': 'everybody',
  'steady-state-awaited': 'game-master',
  'baseline-taken': (event) => ({ ...event, checks: [] }),
  'plan-made': 'game-master',
  'operation-recorded': 'game-master',
  'operation-applied': 'game-master',
  'operation-verified': 'game-master',
  announced: 'everybody',
  injected: 'everybody',
  'effect-seen': 'game-master',
  'no-effect': 'game-master',
  'step-left-out': 'game-master',
  'turn-begun': 'game-master',
  'turn-ended': 'game-master',
  'repeat-over': 'game-master',
  'signals-sampled': 'everybody',
  'alert-changed': 'everybody',
  'alert-notified': 'everybody',
  'alert-suppressed': 'everybody',
  'silence-seen': 'game-master',
  'receivers-read': 'game-master',
  'earlier-games-read': 'game-master',
  'oracle-checked': 'game-master',
  'abort-checked': 'game-master',
  // What somebody else changed may be the very thing to find.
  'action-seen': (event) => (event.action.surface === 'cluster' ? undefined : event),
  'preimage-kept': 'game-master',
  'responder-joined': 'everybody',
  'responder-left': 'everybody',
  acknowledged: 'everybody',
  noted: 'everybody',
  'hint-taken': 'everybody',
  diagnosed: ({ originRight: _origin, mechanismRight: _mechanism, ...rest }) => rest,
  'claim-made': 'everybody',
  claimed: (event) => ({ ...event, failing: [] }),
  nudged: 'everybody',
  // The error may quote a query of the oracle.
  'monitor-failed': (event) => ({ ...event, error: '' }),
  'monitor-back': 'everybody',
  ended: (event) => ({ ...event, why: '' }),
  'operation-reverted': 'game-master',
  'responder-change-undone': 'game-master',
  'restore-verified': 'game-master',
  recovered: 'everybody',
  'series-recorded': 'game-master',
  'samples-recorded': 'game-master',
  'samples-not-recorded': 'game-master',
  graded: 'game-master',
  'not-graded': 'game-master',
  closed: 'everybody',
};

/**
 * What of an event a responder may see before the debrief: undefined for nothing. One that this version does not know is
 * the game master's.
 */
export function forResponder(event: GameEvent): GameEvent | undefined {
  const audience = Object.hasOwn(audiences, event.type) ? audiences[event.type] : 'game-master';
  if (typeof audience === 'string') return audience === 'everybody' ? event : undefined;
  // TypeScript does not see that the entry of an event's type takes that event.
  return (audience as (event: GameEvent) => GameEvent | undefined)(event);
}

/** From this event on there is nothing left to spoil. */
export function endsSecrecy(event: GameEvent): boolean {
  return event.type === 'phase-entered' && event.phase === 'debrief';
}
