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
  /** It began before the injection: neither a hit nor a false alarm, and none of its times is one of this game's. */
  background: boolean;
  /** Since when its expression is true, as Prometheus says. */
  activeAt: number;
  pendingAt?: number;
  firingAt?: number;
  inactiveAt?: number;
  notifiedAt?: number;
  receivers: string[];
  /** When each of them was told first. */
  toldAt?: Record<string, number>;
  /** Held back by Alertmanager: by which silences and by which other alerts. */
  suppressed?: { silencedBy: string[]; inhibitedBy: string[]; mutedBy?: string[] };
  acknowledgedAt?: number;
}

/**
 * Prometheus stamps an alert with its evaluation's time, and looks and events are up to this far apart: what differs by
 * less happened at the same time. Wall ms.
 */
export const alertClockSlack = 1000;

/** What is known of the time before the injection. */
interface BeforeGame {
  /** `firing`: with their labels; a log of before has the names only. */
  baseline:
    | { alertsFiring: readonly string[]; firing?: readonly Pick<AlertEpisode, 'name' | 'labels'>[] }
    | undefined;
  injectedAt: number | undefined;
}

export function alertChanged(
  episodes: AlertEpisode[],
  event: Event<'alert-changed'>,
  { baseline, injectedAt = event.activeAt }: BeforeGame,
): AlertEpisode[] {
  const { name, labels, annotations, state, activeAt, at } = event;
  const key = alertKey(name, labels);
  const open = episodes.findLastIndex((one) => one.key === key && one.state !== 'inactive');
  const before = episodes[open];
  if (before) return episodes.with(open, { ...before, annotations, state, ...momentOf(state, at, before) });
  const wasOn = baseline?.firing
    ? baseline.firing.some((one) => alertKey(one.name, one.labels) === key)
    : (baseline?.alertsFiring.includes(name) ?? false);
  // It fired from before the first look until now.
  if (state === 'inactive' && !wasOn) return episodes;
  const background = wasOn || activeAt < injectedAt - alertClockSlack;
  const fresh = { key, name, labels, annotations, state, background, activeAt, receivers: [] };
  const since = state === 'inactive' ? { firingAt: activeAt } : {};
  return [...episodes, { ...fresh, ...since, ...momentOf(state, at) }];
}

/** A pending alert that somebody is told of fires: Alertmanager was asked a moment before Prometheus. */
function momentOf(
  state: AlertEpisode['state'],
  at: number,
  before: Partial<AlertEpisode> = {},
): Partial<AlertEpisode> {
  if (state === 'pending') return { pendingAt: before.pendingAt ?? at };
  if (state === 'firing') return { firingAt: before.firingAt ?? Math.min(at, before.notifiedAt ?? at) };
  return { inactiveAt: at };
}

/** What fired, or had been true for longer than clocks differ, when the failure began, is none of its alerts. */
export function injectedNow(episodes: AlertEpisode[], at: number): AlertEpisode[] {
  return episodes.map((one) => {
    const { firingAt = at, activeAt } = one;
    const began = firingAt < at || activeAt < at - alertClockSlack;
    return began ? { ...one, background: true } : one;
  });
}

export function alertNotified(episodes: AlertEpisode[], event: Event<'alert-notified'>): AlertEpisode[] {
  return updateMatching(episodes, event, (episode) => {
    const at = told(episode, event.at);
    return {
      ...episode,
      ...(episode.state === 'pending' && { state: 'firing' as const, firingAt: at }),
      receivers: [...new Set([...episode.receivers, ...event.receivers])],
      notifiedAt: episode.notifiedAt ?? at,
      toldAt: { ...Object.fromEntries(event.receivers.map((name) => [name, at])), ...episode.toldAt },
    };
  });
}

/** Never before it fires. */
function told({ firingAt }: AlertEpisode, at: number): number {
  return Math.max(at, firingAt ?? at);
}

export function alertSuppressed(episodes: AlertEpisode[], event: Event<'alert-suppressed'>): AlertEpisode[] {
  const { silencedBy, inhibitedBy, mutedBy } = event;
  return updateMatching(episodes, event, (episode) => ({
    ...episode,
    suppressed: { silencedBy, inhibitedBy, ...(mutedBy && { mutedBy }) },
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

/** Only what fires can be acknowledged; without a name all of it is. */
export function markAcknowledged(episodes: AlertEpisode[], event: Event<'acknowledged'>): AlertEpisode[] {
  return episodes.map((one) => {
    const isMeant = isAcknowledgeable(one) && (event.alert === undefined || one.name === event.alert);
    return isMeant && one.acknowledgedAt === undefined ? { ...one, acknowledgedAt: event.at } : one;
  });
}

/** What was said of an alert that does not fire yet acknowledges nothing. */
export function isOnlyPending(episodes: readonly AlertEpisode[], name: string | undefined): boolean {
  const meant = episodes.filter((one) => name === undefined || one.name === name);
  return meant.some(({ state }) => state === 'pending') && !meant.some(({ state }) => state === 'firing');
}

/** What fires because of the failure, as far as anybody knows. */
export function isAcknowledgeable({ state, background }: AlertEpisode): boolean {
  return state === 'firing' && !background;
}

export function alertKey(name: string, labels: Record<string, string>): string {
  const pairs = Object.entries(labels).filter(([label]) => label !== 'alertname');
  return `${name}${JSON.stringify(pairs.sort(([a], [b]) => (a < b ? -1 : 1)))}`;
}

/** The part under whose name the log has what an evaluator's own Alertmanager does not answer. */
export function managerOf(ruler: string): string {
  return `alertmanager of ${ruler}`;
}

/** The alert that wants an answer: the first that fires, those that nobody acknowledged before the others. */
export function alertToAnswer(alerts: readonly AlertEpisode[]): AlertEpisode | undefined {
  const open = alerts.filter(({ state, background }) => state === 'firing' && !background);
  return open.find(({ acknowledgedAt }) => acknowledgedAt === undefined) ?? open[0];
}
