import type { AlertEpisode } from '../log/alert-episodes.ts';
import type { GradeInput } from './grade.ts';
import type { Moments } from './moments.ts';
import { weights } from './weights.ts';

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

/** Whether nobody could see what Alertmanager did. */
export function isToldUnknown({ state }: GradeInput): boolean {
  return (
    state.alertmanager?.configured === false || state.failures.some(({ part }) => part === 'alertmanager')
  );
}

function firsts(told: readonly { name: string; at: number }[]): { name: string; at: number }[] {
  const first = new Map<string, number>();
  for (const { name, at } of told) first.set(name, Math.min(at, first.get(name) ?? at));
  return [...first].map(([name, at]) => ({ name, at })).sort((a, b) => a.at - b.at);
}
