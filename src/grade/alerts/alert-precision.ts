import type { AlertEpisode } from '../../log/alert-episodes.ts';
import type { GradeInput } from '../input.ts';
import type { Moments } from '../moments.ts';
import { weights } from '../weights.ts';
import { namesIn } from './alert-handling.ts';

/** Alerts of one name and receiver, told together: fan-out within it is no false alarm. */
export interface NotificationGroup {
  name: string;
  receivers: string[];
  instances: number;
  relevant: boolean;
  /** Why it counts as relevant, or not. */
  because: string;
  /** ms from the injection. */
  at: number;
  /** Each time that it fired: an alert that comes and goes has several. ms from the injection. */
  rounds: { at: number; until?: number }[];
}

/** New groups since the injection, in order of time. */
export function notificationGroups(input: GradeInput, moments: Moments): NotificationGroup[] {
  const fired = input.state.alerts.filter((one) => isNew(one, moments));
  const groups = new Map<string, AlertEpisode[]>();
  for (const one of fired) {
    const key = `${one.name} ${[...one.receivers].sort().join(',')}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()]
    .map((episodes) => {
      const [first] = episodes;
      return {
        name: first!.name,
        receivers: first!.receivers,
        instances: new Set(episodes.map(({ key }) => key)).size,
        ...relevance(first!, input),
        at: Math.min(...episodes.map(({ firingAt }) => firingAt!)) - moments.injected,
        rounds: roundsOf(episodes, moments),
      };
    })
    .sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1));
}

/** The n-th round is the n-th time of any of its label sets. */
function roundsOf(episodes: readonly AlertEpisode[], { injected }: Moments): NotificationGroup['rounds'] {
  const rounds: AlertEpisode[][] = [];
  const seen = new Map<string, number>();
  for (const one of episodes) {
    const round = seen.get(one.key) ?? 0;
    seen.set(one.key, round + 1);
    rounds[round] = [...(rounds[round] ?? []), one];
  }
  return rounds.map((round) => {
    const ends = round.map(({ inactiveAt }) => inactiveAt);
    const until = ends.includes(undefined) ? undefined : Math.max(...ends.map((end) => end ?? 0)) - injected;
    const at = Math.min(...round.map(({ firingAt = 0 }) => firingAt)) - injected;
    return { at, ...(until !== undefined && { until }) };
  });
}

/** Names of what the fault touched and of whom it hit. */
export function faultedNames({ state, scenario }: GradeInput): string[] {
  const refs = [
    scenario.diagnosis.origin,
    ...scenario.diagnosis.accept,
    ...(state.plan?.operations ?? []).map(({ ref }) => ref),
  ];
  return [...new Set(refs.map((ref) => ref.split('/').at(-1) ?? '').filter(Boolean))].sort();
}

export function relevance(
  episode: AlertEpisode,
  input: GradeInput,
): Pick<NotificationGroup, 'relevant' | 'because'> {
  const { expected, acceptable } = input.scenario.alerts;
  if (expected.some(({ name, or }) => name === episode.name || or.includes(episode.name)))
    return { relevant: true, because: 'expected' };
  if (acceptable.includes(episode.name)) return { relevant: true, because: 'acceptable for this failure' };
  const names = namesIn(episode, [...faultedNames(input), input.scenario.owner]);
  return names.length > 0
    ? { relevant: true, because: `names ${names.join(', ')}` }
    : { relevant: false, because: 'names nothing that the failure affected' };
}

/** It fired because of this game, and somebody could have been called for it. */
export function isNew(one: AlertEpisode, { injected, end }: Moments): boolean {
  const { firingAt, background, labels, name } = one;
  if (firingAt === undefined || background || firingAt < injected || firingAt > end) return false;
  if (weights.alerts.housekeeping.includes(name)) return false;
  return !weights.alerts.silentSeverities.includes(labels.severity ?? '');
}
