import type { GameEvent } from '../log/events.ts';
import type { GameState } from '../log/state.ts';
import { clean } from '../words/clean.ts';
import { clock } from '../words/time.ts';
import { unmetText } from './unmet.ts';

/** What a responder may read of an event; nothing before the debrief gives the fault away. */
export function eventLines(event: GameEvent, state: GameState): string[] {
  switch (event.type) {
    case 'game-created':
      return [...clean(event.title).split('\n'), ...event.briefing.trim().split('\n').map(clean)];
    case 'phase-entered':
      return [`— ${event.phase}`];
    case 'announced':
      return [`announced the ${event.moment} to ${clean(event.host)}`];
    case 'steady-state-awaited':
      return [`not ready: ${clean(unmetText(state))}`];
    case 'alert-changed':
      return [`alert ${clean(event.name)} ${event.state}`];
    case 'alert-notified':
      return [`notified ${event.receivers.map(clean).join(', ')} of ${clean(event.name)}`];
    case 'action-seen':
      if (event.action.surface === 'cluster') return [];
      return [`${event.action.who}: ${clean(event.action.title)} (${event.action.effect})`];
    case 'acknowledged':
      return [`${event.who} acknowledged ${clean(event.alert ?? '')}`];
    case 'noted':
      return [`${event.who}: ${clean(event.text)}`];
    case 'hint-taken':
      return [`hint: ${clean(event.text)}`];
    case 'diagnosed':
      return [`${event.who} diagnosed ${clean([event.origin, event.mechanism].filter(Boolean).join(', '))}`];
    case 'claimed':
      return [`${event.who} says it is resolved: ${event.accepted ? 'yes' : 'not yet'}`];
    case 'nudged':
      return [`game master: ${clean(event.text)}`];
    case 'monitor-back':
      return [`${event.part} answers again; the gap lasts ${clock(event.afterMs)}`];
    case 'monitor-failed':
      return [`${event.part} does not answer${event.error ? `: ${clean(event.error)}` : ''}`];
    case 'ended':
      return [`ended: ${event.ending}${event.why ? `. ${clean(event.why)}` : ''}`];
    case 'restore-verified':
      return [
        `restored, verified: ${event.differences.length} differences, ${event.conflicts.length} conflicts`,
        ...event.differences.map(clean),
        ...event.conflicts.map(clean),
        ...(event.left ?? []).map(clean),
      ];
    default:
      return [];
  }
}
