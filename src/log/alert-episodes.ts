import type { EventBody, EventHead } from './events.ts';

type Event<T extends EventBody['type']> = EventHead & Extract<EventBody, { type: T }>;

/** One alert instance from the moment it went pending (or firing) until it was inactive again. Wall ms. */
export interface AlertEpisode {
  /** Name and labels: the same key comes again when an alert flaps. */
  key: string;
  name: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: 'pending' | 'firing' | 'inactive';
  /** It was already there in the baseline: neither a hit nor a false alarm. */
  background: boolean;
  /** Since when its expression is true, as Prometheus says. */
  activeAt: number;
  pendingAt?: number;
  firingAt?: number;
  inactiveAt?: number;
  notifiedAt?: number;
  receivers: string[];
  /** Held back by Alertmanager: by which silences and by which other alerts. */
  suppressed?: { silencedBy: string[]; inhibitedBy: string[] };
  acknowledgedAt?: number;
}

export function alertChanged(
  episodes: AlertEpisode[],
  event: Event<'alert-changed'>,
  firingInBaseline: readonly string[],
): AlertEpisode[] {
  const { name, labels, annotations, state, activeAt, at } = event;
  const key = alertKey(name, labels);
  const open = episodes.findLastIndex((one) => one.key === key && one.state !== 'inactive');
  const moment =
    state === 'pending' ? { pendingAt: at } : state === 'firing' ? { firingAt: at } : { inactiveAt: at };
  const before = episodes[open];
  if (before) return episodes.with(open, { ...before, annotations, state, ...moment });
  if (state === 'inactive') return episodes;
  const background = firingInBaseline.includes(name);
  const fresh = { key, name, labels, annotations, state, background, activeAt, receivers: [], ...moment };
  return [...episodes, fresh];
}

export function alertNotified(episodes: AlertEpisode[], event: Event<'alert-notified'>): AlertEpisode[] {
  return updateMatching(episodes, event, (episode) => ({
    ...episode,
    receivers: [...new Set([...episode.receivers, ...event.receivers])],
    notifiedAt: episode.notifiedAt ?? event.at,
  }));
}

export function alertSuppressed(episodes: AlertEpisode[], event: Event<'alert-suppressed'>): AlertEpisode[] {
  const { silencedBy, inhibitedBy } = event;
  return updateMatching(episodes, event, (episode) => ({
    ...episode,
    suppressed: { silencedBy, inhibitedBy },
  }));
}

/** Labels in Alertmanager may be fewer than in Prometheus (relabelling): then the last of that name is meant. */
function updateMatching(
  episodes: AlertEpisode[],
  { name, labels }: { name: string; labels: Record<string, string> },
  update: (episode: AlertEpisode) => AlertEpisode,
): AlertEpisode[] {
  const exact = episodes.findLastIndex((one) => one.key === alertKey(name, labels));
  const index = exact >= 0 ? exact : episodes.findLastIndex((one) => one.name === name);
  const episode = episodes[index];
  return episode ? episodes.with(index, update(episode)) : episodes;
}

/** Without a name every open alert is acknowledged. */
export function markAcknowledged(episodes: AlertEpisode[], event: Event<'acknowledged'>): AlertEpisode[] {
  return episodes.map((one) => {
    const meant = event.alert === undefined ? one.state !== 'inactive' : one.name === event.alert;
    return meant && one.acknowledgedAt === undefined ? { ...one, acknowledgedAt: event.at } : one;
  });
}

export function alertKey(name: string, labels: Record<string, string>): string {
  const pairs = Object.entries(labels).filter(([label]) => label !== 'alertname');
  return `${name}${JSON.stringify(pairs.sort(([a], [b]) => (a < b ? -1 : 1)))}`;
}
