import type { GameEvent } from '../log/events.ts';

type Shown = {
  [Type in GameEvent['type']]?: (event: Extract<GameEvent, { type: Type }>) => GameEvent | undefined;
};

const asItIs = <Event extends GameEvent>(event: Event): GameEvent => event;

/**
 * What a responder may see before the debrief: an allow-list. An event whose type is not here is for the game master's
 * eyes, so that a new one spoils nothing before somebody has thought about it. Names of scenario and playbook, verdicts on
 * diagnoses and the failing checks of a claim are taken out; titles are symptoms and stay.
 */
const shown: Shown = {
  'game-created': (event) => ({ ...event, scenario: '', playbook: '', seed: 0 }),
  'phase-entered': asItIs,
  'baseline-taken': (event) => ({ ...event, checks: [] }),
  announced: asItIs,
  injected: asItIs,
  'signals-sampled': asItIs,
  'alert-changed': asItIs,
  'alert-notified': asItIs,
  'alert-suppressed': asItIs,
  // What somebody else changed may be the very thing to find.
  'action-seen': (event) => (event.action.surface === 'cluster' ? undefined : event),
  'responder-joined': asItIs,
  'responder-left': asItIs,
  acknowledged: asItIs,
  noted: asItIs,
  'hint-taken': asItIs,
  diagnosed: ({ originRight: _origin, mechanismRight: _mechanism, ...rest }) => rest,
  'claim-made': asItIs,
  claimed: (event) => ({ ...event, failing: [] }),
  nudged: asItIs,
  // The error may quote a query of the oracle.
  'monitor-failed': (event) => ({ ...event, error: '' }),
  'monitor-back': asItIs,
  ended: (event) => ({ ...event, why: '' }),
  recovered: asItIs,
  closed: asItIs,
};

/** What of an event a responder may see before the debrief: undefined for nothing. */
export function forResponder(event: GameEvent): GameEvent | undefined {
  const show = Object.hasOwn(shown, event.type) ? shown[event.type] : undefined;
  return (show as ((event: GameEvent) => GameEvent | undefined) | undefined)?.(event);
}

/** From this event on there is nothing left to spoil. */
export function endsSecrecy(event: GameEvent): boolean {
  return event.type === 'phase-entered' && event.phase === 'debrief';
}
