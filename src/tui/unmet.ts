import { alertsLeftOver, monitoringIsYoung } from '../log/events.ts';
import type { GameState } from '../log/state.ts';
import { plural } from '../words/number.ts';

/**
 * What a game waits for before it begins. Only what the live screen draws anyway has a name: another check of the steady
 * state may point at what is going to break.
 */
export function unmetText({ game, unmet }: Pick<GameState, 'game' | 'unmet'>): string {
  const titles = new Map((game?.signals ?? []).map(({ id, title }) => [id, title]));
  const drawn = unmet.flatMap(({ id, seen }) => (titles.has(id) ? [`${titles.get(id)} ${seen}`] : []));
  const ofOurs = [alertsLeftOver, monitoringIsYoung].map((own) => unmet.find(({ id }) => id === own));
  const [rings, young] = ofOurs;
  const others = unmet.length - drawn.length - ofOurs.filter((one) => one).length;
  const rest = `${plural(others, drawn.length > 0 ? 'more steady-state check' : 'steady-state check')} failing`;
  const alerts = 'an alert from the previous game is still firing';
  const samples = `Prometheus has just started: ${young?.seen}`;
  return [
    ...drawn,
    ...(others > 0 ? [rest] : []),
    ...(rings ? [alerts] : []),
    ...(young ? [samples] : []),
  ].join('; ');
}
