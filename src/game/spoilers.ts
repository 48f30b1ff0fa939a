import { type GameEvent, masterOnly } from '../log/events.ts';

/**
 * What of an event a responder may see before the debrief: undefined for nothing. Names of scenario and
 * playbook, verdicts on diagnoses and the failing checks of a claim are taken out; titles are symptoms and stay.
 */
export function forResponder(event: GameEvent): GameEvent | undefined {
  if (masterOnly.has(event.type)) return undefined;
  switch (event.type) {
    case 'game-created':
      return { ...event, scenario: '', playbook: '', seed: 0 };
    case 'baseline-taken':
      return { ...event, checks: [] };
    case 'diagnosed': {
      const { originRight: _origin, mechanismRight: _mechanism, ...rest } = event;
      return rest;
    }
    case 'action-seen':
      // What somebody else changed may be the very thing to find.
      return event.action.surface === 'cluster' ? undefined : event;
    case 'claimed':
      return { ...event, failing: [] };
    case 'monitor-failed':
      // The error may quote a query of the oracle.
      return { ...event, error: '' };
    case 'ended':
      return { ...event, why: '' };
    case 'operation-reverted':
    case 'responder-change-undone':
    case 'restore-verified':
      return undefined;
    default:
      return event;
  }
}

/** From this event on there is nothing left to spoil. */
export function endsSecrecy(event: GameEvent): boolean {
  return event.type === 'phase-entered' && event.phase === 'debrief';
}
