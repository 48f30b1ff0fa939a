import { type AlertEpisode, managerOf } from '../../log/alert-episodes.ts';
import { grafanaAlerting } from '../../signal/rules/all.ts';
import type { GradeInput } from '../input.ts';
import type { Moments } from '../moments.ts';
import { weights } from '../weights.ts';

/** To whom an alert was told, as far as that reaches a person. Wall ms. */
export interface Told {
  /** Who heard of it during the game, and when first. */
  heard: { name: string; at: number }[];
  /** Receivers without an integration: what goes there reaches nobody. */
  nowhere: string[];
  /** Told when the game was over. */
  late: { name: string; at: number }[];
  /** Its severity, if nobody is called for that. */
  silentSeverity?: string;
}

export function toldOf(episodes: readonly AlertEpisode[], { state }: GradeInput, { end }: Moments): Told {
  // The sandbox keeps what its receivers are told: they need no integration.
  const known = state.game?.sandbox === true ? [] : (state.alertmanager?.nowhere ?? []);
  const all = episodes.flatMap(({ receivers, toldAt, notifiedAt }) =>
    notifiedAt === undefined ? [] : receivers.map((name) => ({ name, at: toldAt?.[name] ?? notifiedAt })),
  );
  const real = all.filter(({ name }) => !known.includes(name));
  const severity = episodes[0]?.labels.severity ?? '';
  return {
    heard: firsts(real.filter(({ at }) => at <= end)),
    nowhere: [...new Set(all.map(({ name }) => name).filter((name) => known.includes(name)))].sort(),
    late: firsts(real.filter(({ at }) => at > end)),
    ...(weights.alerts.silentSeverities.includes(severity) && { silentSeverity: severity }),
  };
}

/** Whether somebody who owns it heard of it in a way that calls them. */
export function ownerHeard({ heard, silentSeverity }: Told, receiver: string | undefined): boolean {
  if (silentSeverity !== undefined) return false;
  return receiver === undefined ? heard.length > 0 : heard.some(({ name }) => name === receiver);
}

/**
 * Whether nobody could see who was told; `one`: of this alert. Grafana has an Alertmanager of its own. Another ruler may
 * tell one that nobody reads here: then only what this one was sent is known.
 */
export function isToldUnknown(
  { state }: Pick<GradeInput, 'state'>,
  one: { ruler?: string; fired: readonly AlertEpisode[] } = { fired: [] },
): boolean {
  const { ruler, fired } = one;
  const missed = (manager: string) => state.failures.some(({ part }) => part === manager);
  if (ruler === grafanaAlerting) return missed(managerOf(ruler));
  if (state.alertmanager?.configured === false || missed('alertmanager')) return true;
  const isSeen = fired.some(({ notifiedAt, suppressed }) => notifiedAt !== undefined || suppressed);
  return ruler !== undefined && fired.length > 0 && !isSeen;
}

function firsts(told: readonly { name: string; at: number }[]): { name: string; at: number }[] {
  const first = new Map<string, number>();
  for (const { name, at } of told) first.set(name, Math.min(at, first.get(name) ?? at));
  return [...first].map(([name, at]) => ({ name, at })).sort((a, b) => a.at - b.at);
}
