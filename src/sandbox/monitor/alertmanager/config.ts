import { isMap, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { readTimeIntervals, type TimeInterval, timeIntervalSchema } from '../../../time-intervals.ts';
import { parseDuration } from '../promql/duration.ts';
import { type Matcher, matcher } from '../tsdb/matcher.ts';
import { parseMatchers } from './matcher.ts';

/** An alertmanager.yml that cannot be used; the message begins with the file, and the line where it is known. */
export class AlertmanagerConfigError extends Error {
  readonly code = 'ALERTMANAGER_CONFIG';
  override readonly name = 'AlertmanagerConfigError';
}

/** Where alerts go. Durations in ms, inherited from the parent already. */
export interface Route {
  readonly receiver: string;
  readonly matchers: readonly Matcher[];
  readonly continues: boolean;
  /** Undefined: all labels (`...`). */
  readonly groupBy: readonly string[] | undefined;
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
  /** Names of the time intervals in which it says nothing, and of those in which alone it does. */
  readonly mute: readonly string[];
  readonly active: readonly string[];
  readonly routes: readonly Route[];
}

export interface Integration {
  /** As in `alertmanager_notifications_total{integration}`: webhook, slack, pagerduty, … */
  readonly name: string;
  /** Undefined: the embedded receiver, which only remembers. */
  readonly url: string | undefined;
  readonly sendResolved: boolean;
}

interface Receiver {
  readonly name: string;
  readonly integrations: readonly Integration[];
}

export interface InhibitRule {
  readonly source: readonly Matcher[];
  readonly target: readonly Matcher[];
  readonly equal: readonly string[];
}

export interface AlertmanagerConfig {
  readonly original: string;
  readonly route: Route;
  readonly receivers: readonly Receiver[];
  readonly inhibitRules: readonly InhibitRule[];
  readonly resolveTimeoutMs: number;
  readonly timeIntervals: ReadonlyMap<string, readonly TimeInterval[]>;
}

const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, 'Expected a duration such as 30s');
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const match = z.record(z.string(), text).optional();

const routeSchema = z.strictObject({
  receiver: z.string().optional(),
  matchers: z.array(z.string()).optional(),
  match,
  match_re: match,
  continue: z.boolean().optional(),
  group_by: z.array(z.string()).optional(),
  group_wait: duration.optional(),
  group_interval: duration.optional(),
  repeat_interval: duration.optional(),
  mute_time_intervals: z.array(z.string()).nullish(),
  active_time_intervals: z.array(z.string()).nullish(),
  get routes() {
    return z.array(routeSchema).optional();
  },
});
type RouteInput = z.infer<typeof routeSchema>;

const integrations = z.array(
  z.looseObject({ url: z.string().optional(), send_resolved: z.boolean().optional() }),
);
const receiverSchema = z.object({ name: z.string() }).catchall(integrations);

const fileSchema = z.strictObject({
  time_intervals: z.array(timeIntervalSchema).nullish(),
  /** The name of these before Alertmanager 0.24. */
  mute_time_intervals: z.array(timeIntervalSchema).nullish(),
  global: z.looseObject({ resolve_timeout: duration.optional() }).nullish(),
  route: routeSchema,
  receivers: z.array(receiverSchema),
  inhibit_rules: z
    .array(
      z.strictObject({
        source_matchers: z.array(z.string()).optional(),
        target_matchers: z.array(z.string()).optional(),
        source_match: match,
        target_match: match,
        source_match_re: match,
        target_match_re: match,
        equal: z.array(z.string()).optional(),
      }),
    )
    .nullish(),
  templates: z.array(z.string()).nullish(),
});

/** Reads an alertmanager.yml; every duration is divided by `speed`. Throws AlertmanagerConfigError. */
export function readAlertmanagerConfig(source: string, file: string, speed: number): AlertmanagerConfig {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, merge: true });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const [problem] = document.errors;
  if (problem) throw new AlertmanagerConfigError(`${place(problem.pos[0])}: ${problem.message}`);
  const parsed = fileSchema.safeParse(document.toJS());
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const path = issue.path as (string | number)[];
    const node = document.getIn(path, true);
    const range = (node as { range?: [number, number, number] } | undefined)?.range;
    const start = range?.[0] ?? (isMap(document.contents) ? (document.contents.range?.[0] ?? 0) : 0);
    throw new AlertmanagerConfigError(`${place(start)}: ${path.join('.')}: ${issue.message}`);
  }
  try {
    return build(parsed.data, source, speed);
  } catch (error) {
    throw new AlertmanagerConfigError(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

function build(input: z.infer<typeof fileSchema>, original: string, speed: number): AlertmanagerConfig {
  const receivers = input.receivers.map(({ name, ...configs }) => ({
    name,
    integrations: integrationsOf(configs),
  }));
  const names = new Set(receivers.map(({ name }) => name));
  if (names.size !== receivers.length) throw new Error('Expected every receiver name once');
  if (!input.route.receiver) throw new Error('Expected the root route to name a receiver');
  if (input.route.matchers || input.route.match || input.route.match_re) {
    throw new Error('Expected a root route without matchers');
  }
  if (input.route.mute_time_intervals?.length || input.route.active_time_intervals?.length)
    throw new Error('Expected a root route without time intervals');
  const timeIntervals = readTimeIntervals([
    ...(input.time_intervals ?? []),
    ...(input.mute_time_intervals ?? []),
  ]);
  const defaults = {
    receiver: '',
    groupBy: [] as readonly string[] | undefined,
    groupWaitMs: 30_000 / speed,
    groupIntervalMs: 300_000 / speed,
    repeatIntervalMs: (4 * 3_600_000) / speed,
  };
  return {
    original,
    route: routeOf(input.route, defaults, { speed, receivers: names, timeIntervals }),
    timeIntervals,
    receivers,
    inhibitRules: (input.inhibit_rules ?? []).map((rule) => ({
      source: matchersOf(rule.source_matchers, rule.source_match, rule.source_match_re),
      target: matchersOf(rule.target_matchers, rule.target_match, rule.target_match_re),
      equal: rule.equal ?? [],
    })),
    resolveTimeoutMs: parseDuration(input.global?.resolve_timeout ?? '5m')! / speed,
  };
}

function routeOf(
  input: RouteInput,
  parent: Omit<Route, 'matchers' | 'continues' | 'routes' | 'mute' | 'active'>,
  known: {
    speed: number;
    receivers: ReadonlySet<string>;
    timeIntervals: AlertmanagerConfig['timeIntervals'];
  },
): Route {
  const { speed, receivers, timeIntervals } = known;
  const scaled = (value: string | undefined, inherited: number) =>
    value === undefined ? inherited : parseDuration(value)! / speed;
  const own = {
    receiver: input.receiver ?? parent.receiver,
    groupBy: input.group_by?.includes('...') ? undefined : (input.group_by ?? parent.groupBy),
    groupWaitMs: scaled(input.group_wait, parent.groupWaitMs),
    groupIntervalMs: scaled(input.group_interval, parent.groupIntervalMs),
    repeatIntervalMs: scaled(input.repeat_interval, parent.repeatIntervalMs),
  };
  if (!receivers.has(own.receiver)) throw new Error(`Expected receiver "${own.receiver}" to be defined`);
  const [mute, active] = [input.mute_time_intervals ?? [], input.active_time_intervals ?? []];
  for (const name of [...mute, ...active])
    if (!timeIntervals.has(name)) throw new Error(`Expected time interval "${name}" to be defined`);
  return {
    ...own,
    matchers: matchersOf(input.matchers, input.match, input.match_re),
    continues: input.continue ?? false,
    mute,
    active,
    routes: (input.routes ?? []).map((route) => routeOf(route, own, known)),
  };
}

function matchersOf(
  matchers: readonly string[] | undefined,
  equal: Record<string, string> | undefined,
  regex: Record<string, string> | undefined,
): Matcher[] {
  return [
    ...(matchers ?? []).flatMap(parseMatchers),
    ...Object.entries(equal ?? {}).map(([name, value]) => matcher(name, '=', value)),
    ...Object.entries(regex ?? {}).map(([name, value]) => matcher(name, '=~', value)),
  ];
}

/** A receiver without an address gets the embedded webhook; other kinds than webhook are only remembered. */
function integrationsOf(
  configs: Readonly<Record<string, { url?: string | undefined; send_resolved?: boolean | undefined }[]>>,
): Integration[] {
  const found = Object.entries(configs).flatMap(([key, list]) => {
    const name = key.replace(/_configs$/, '');
    return list.map((one) => ({
      name,
      url: name === 'webhook' ? one.url : undefined,
      sendResolved: one.send_resolved ?? name === 'webhook',
    }));
  });
  return found.length > 0 ? found : [{ name: 'webhook', url: undefined, sendResolved: true }];
}
