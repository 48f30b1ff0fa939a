import { alertsLeftOver } from '../log/events.ts';
import type { GameState } from '../log/state.ts';

/**
 * What a game waits for before it begins. Only what the live screen draws anyway has a name: another check of the steady
 * state may point at what is going to break.
 */
export function unmetText({ game, unmet }: Pick<GameState, 'game' | 'unmet'>): string {
  const titles = new Map((game?.signals ?? []).map(({ id, title }) => [id, title]));
  const drawn = unmet.flatMap(({ id, seen }) => (titles.has(id) ? [`${titles.get(id)} ${seen}`] : []));
  const rings = unmet.some(({ id }) => id === alertsLeftOver);
  const others = unmet.length - drawn.length - (rings ? 1 : 0);
  const rest = `${others}${drawn.length > 0 ? ' more' : ''} of the scenario's checks of health`;
  const alerts = 'an alert of an earlier game is still on';
  return [...drawn, ...(others > 0 ? [rest] : []), ...(rings ? [alerts] : [])].join('; ');
}
