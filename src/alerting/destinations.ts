import type { AlertmanagerConfig } from './config.ts';
import { routesFor } from './route.ts';
import { mutedBy } from './time-intervals.ts';

/** Who is notified of an alert. */
export interface Destination {
  receiver: string;
  /** Kinds: slack, webhook, … */
  integrations: readonly string[];
  /** No route took it: it went to the receiver of the root, though there are others. */
  isDefault: boolean;
  /** The route is muted at times, or active only at some. */
  isTimed: boolean;
  /** Names of the time intervals by which the route says nothing at the time that was asked for. */
  mutedBy?: string[];
}

/**
 * Every destination of an alert with these labels. `asked` are the labels that decided it and of which `labels` knows
 * nothing: there they count as empty. `at` (ms since epoch) tells which destinations are muted then.
 */
export function destinationsOf(
  { route: root, receivers, timeIntervals }: AlertmanagerConfig,
  labels: Readonly<Record<string, string>>,
  at?: number,
): { destinations: Destination[]; asked: string[] } {
  const asked = new Set<string>();
  const get = (name: string) => {
    if (Object.hasOwn(labels, name)) return labels[name]!;
    asked.add(name);
    return '';
  };
  const destinations = routesFor(root, { get }).map((route) => {
    const integrations = receivers.find(({ name }) => name === route.receiver)?.integrations ?? [];
    return {
      receiver: route.receiver,
      integrations: [...new Set(integrations.map(({ name }) => name))],
      isDefault: route === root && root.routes.length > 0,
      isTimed: route.mute.length + route.active.length > 0,
      ...(at !== undefined && { mutedBy: mutedBy(route, timeIntervals, at) }),
    };
  });
  return { destinations, asked: [...asked] };
}
