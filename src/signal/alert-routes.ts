import { parse } from 'yaml';
import { z } from 'zod';
import { describeError, MisfortuneError } from '../errors.ts';
import { mutedBy, readTimeIntervals, type TimeInterval, timeIntervalSchema } from '../time-intervals.ts';
import { type AlertMatcher, alertMatcher, parseMatchers } from './alert-matcher.ts';

/** Where an Alertmanager's configuration sends alerts. Nothing else of it is kept: it holds addresses and keys. */
export interface AlertRoutes {
  root: Route;
  /** Kinds of its integrations (`slack`, `webhook` …) by receiver; none: it tells nobody. */
  integrations: ReadonlyMap<string, readonly string[]>;
  timeIntervals: ReadonlyMap<string, readonly TimeInterval[]>;
}

interface Route {
  receiver: string;
  matchers: AlertMatcher[];
  continues: boolean;
  mute: string[];
  active: string[];
  routes: Route[];
}

/** Whom an alert is told to. */
export interface Destination {
  receiver: string;
  integrations: readonly string[];
  /** No route took it: it went to the receiver of the root, though there are others. */
  isDefault: boolean;
  /** The route is muted at times, or active only at some. */
  isTimed: boolean;
  /** Names of the time intervals by which the route says nothing at the time that was asked for. */
  mutedBy?: string[];
}

/**
 * Every destination of an alert with these labels: the deepest route that takes it, and after one with `continue` the
 * siblings' too (Alertmanager's documentation, "Route"). `asked` are the labels on which that hangs and of which
 * `labels` knows nothing: there they count as empty. `at` (ms since epoch) tells which of them are muted then.
 */
export function destinationsOf(
  { root, integrations, timeIntervals }: AlertRoutes,
  labels: Readonly<Record<string, string>>,
  at?: number,
): { destinations: Destination[]; asked: string[] } {
  const asked = new Set<string>();
  const takes = ({ matchers }: Route) =>
    matchers.every(({ label, matches }) => {
      if (!Object.hasOwn(labels, label)) asked.add(label);
      return matches(labels[label] ?? '');
    });
  const walk = (route: Route): Route[] => {
    if (!takes(route)) return [];
    const found: Route[] = [];
    for (const child of route.routes) {
      const matching = walk(child);
      found.push(...matching);
      if (matching.length > 0 && !child.continues) break;
    }
    return found.length > 0 ? found : [route];
  };
  const destinations = walk(root).map((route) => ({
    receiver: route.receiver,
    integrations: integrations.get(route.receiver) ?? [],
    isDefault: route === root && root.routes.length > 0,
    isTimed: route.mute.length + route.active.length > 0,
    ...(at !== undefined && { mutedBy: mutedBy(route, timeIntervals, at) }),
  }));
  return { destinations, asked: [...asked] };
}

const scalars = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String));

const routeSchema = z.object({
  receiver: z.string().optional(),
  matchers: z.array(z.string()).nullish(),
  match: scalars.nullish(),
  match_re: scalars.nullish(),
  continue: z.boolean().optional(),
  mute_time_intervals: z.array(z.string()).nullish(),
  active_time_intervals: z.array(z.string()).nullish(),
  get routes() {
    return z.array(routeSchema).nullish();
  },
});

const configSchema = z.object({
  route: routeSchema,
  receivers: z.array(z.looseObject({ name: z.string() })),
  time_intervals: z.array(timeIntervalSchema).nullish(),
  mute_time_intervals: z.array(timeIntervalSchema).nullish(),
});

/**
 * Reads the routes of an alertmanager.yml. Throws MisfortuneError `unreadable-routes`; nothing but a matcher or the name
 * of a key is in its message.
 */
export function readAlertRoutes(config: string): AlertRoutes {
  const { route, receivers, ...intervals } = checked(config);
  const kinds = (receiver: object) =>
    Object.entries(receiver).flatMap(([key, list]) =>
      key.endsWith('_configs') && Array.isArray(list) && list.length > 0
        ? [key.replace(/_configs$/, '')]
        : [],
    );
  try {
    return {
      root: routeOf(route, ''),
      timeIntervals: readTimeIntervals([
        ...(intervals.time_intervals ?? []),
        ...(intervals.mute_time_intervals ?? []),
      ]),
      integrations: new Map(receivers.map((receiver) => [receiver.name, kinds(receiver)])),
    };
  } catch (error) {
    throw unreadable(describeError(error));
  }
}

function checked(config: string): z.output<typeof configSchema> {
  let value: unknown;
  try {
    value = parse(config, { logLevel: 'error', merge: true });
  } catch {
    // The parser's message quotes the line.
    throw unreadable('It is not YAML.');
  }
  const result = configSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw unreadable(`Expected another value for ${issue?.path.join('.') || 'the whole'}.`);
}

function routeOf(input: z.output<typeof routeSchema>, inherited: string): Route {
  const receiver = input.receiver || inherited;
  return {
    receiver,
    matchers: [
      ...(input.matchers ?? []).flatMap(parseMatchers),
      ...Object.entries(input.match ?? {}).map(([label, value]) => alertMatcher(label, '=', value)),
      ...Object.entries(input.match_re ?? {}).map(([label, value]) => alertMatcher(label, '=~', value)),
    ],
    continues: input.continue ?? false,
    mute: input.mute_time_intervals ?? [],
    active: input.active_time_intervals ?? [],
    routes: (input.routes ?? []).map((route) => routeOf(route, receiver)),
  };
}

function unreadable(why: string): MisfortuneError {
  return new MisfortuneError('unreadable-routes', `Alertmanager's configuration is not understood. ${why}`);
}
