import { type Document, isMap, LineCounter, parseDocument } from 'yaml';
import { parseDuration } from '../promql/duration.ts';
import { type Matcher, matcher } from '../promql/series/matcher.ts';
import { parseMatchers } from './matcher.ts';
import { type FileInput, fileSchemas } from './schema.ts';
import { readTimeIntervals, type TimeInterval } from './time-intervals.ts';

/** An alertmanager.yml that cannot be used; the message begins with the file, and the line where it is known. */
export class AlertmanagerConfigError extends Error {
  readonly code = 'ALERTMANAGER_CONFIG';
  override readonly name = 'AlertmanagerConfigError';
}

/** Where alerts go. Durations in ms, inherited from the parent already. */
export interface Route {
  /** The matchers on the way to it, as Alertmanager's group keys have them: the same after the file was read again. */
  readonly key: string;
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
  /** Its place among those of its name in the receiver. */
  readonly index: number;
  /** Undefined: the embedded receiver, which only remembers. */
  readonly url: string | undefined;
  readonly sendResolved: boolean;
}

interface Receiver {
  readonly name: string;
  /** None: it notifies nobody. */
  readonly integrations: readonly Integration[];
}

export interface InhibitRule {
  readonly source: readonly Matcher[];
  readonly target: readonly Matcher[];
  readonly equal: readonly string[];
}

/** What an Alertmanager does with alerts. Of a foreign one neither addresses nor keys are kept. */
export interface AlertmanagerConfig {
  readonly route: Route;
  readonly receivers: readonly Receiver[];
  readonly inhibitRules: readonly InhibitRule[];
  readonly resolveTimeoutMs: number;
  readonly timeIntervals: ReadonlyMap<string, readonly TimeInterval[]>;
}

export interface ReadOptions {
  /** How errors name it. */
  file?: string;
  /** Every duration is divided by it. */
  speed?: number;
  /**
   * The configuration of somebody else's Alertmanager, which accepted it: what is not known here is passed over, and an
   * error quotes nothing but matchers, times and the names of keys.
   */
  isForeign?: boolean;
}

/** Reads an alertmanager.yml. Throws AlertmanagerConfigError. */
export function readAlertmanagerConfig(
  source: string,
  { file = 'alertmanager.yml', speed = 1, isForeign = false }: ReadOptions = {},
): AlertmanagerConfig {
  const input = inputOf(source, file, isForeign);
  try {
    const config = build(input, speed);
    if (isForeign) return config;
    refuse(config);
    return { ...config, receivers: config.receivers.map(withEmbeddedReceiver) };
  } catch (error) {
    throw new AlertmanagerConfigError(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

function inputOf(source: string, file: string, isForeign: boolean): FileInput {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, merge: true });
  const error = (offset: number, message: string) => {
    const { line, col } = lines.linePos(offset);
    return new AlertmanagerConfigError(`${file}:${line}:${col}: ${message}`);
  };
  const [problem] = document.errors;
  // The parser's message may quote the text.
  if (problem) throw error(problem.pos[0], isForeign ? 'It is not valid YAML.' : problem.message);
  const parsed = fileSchemas[isForeign ? 'foreign' : 'own'].safeParse(
    contentOf(document, (message) => error(0, message)),
  );
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const path = issue.path as (string | number)[];
  throw error(offsetOf(document, path), `${path.join('.') || 'the whole'}: ${issue.message}`);
}

function contentOf(document: Document, error: (message: string) => Error): unknown {
  try {
    return document.toJS();
  } catch {
    throw error('Expected aliases that end, and not too many of them.');
  }
}

function offsetOf(document: Document, path: readonly (string | number)[]): number {
  const node = document.getIn(path, true) as { range?: [number, number, number] } | undefined;
  return node?.range?.[0] ?? (isMap(document.contents) ? (document.contents.range?.[0] ?? 0) : 0);
}

function build(input: FileInput, speed: number): AlertmanagerConfig {
  const defaults = {
    key: '',
    receiver: '',
    groupBy: [] as readonly string[] | undefined,
    groupWaitMs: 30_000 / speed,
    groupIntervalMs: 300_000 / speed,
    repeatIntervalMs: (4 * 3_600_000) / speed,
  };
  return {
    route: routeOf(input.route, defaults, speed),
    timeIntervals: readTimeIntervals([...(input.time_intervals ?? []), ...(input.mute_time_intervals ?? [])]),
    receivers: input.receivers.map(receiverOf),
    inhibitRules: (input.inhibit_rules ?? []).map((rule) => ({
      source: matchersOf(rule.source_matchers, rule.source_match, rule.source_match_re),
      target: matchersOf(rule.target_matchers, rule.target_match, rule.target_match_re),
      equal: rule.equal ?? [],
    })),
    resolveTimeoutMs: parseDuration(input.global?.resolve_timeout ?? '5m')! / speed,
  };
}

function routeOf(
  input: FileInput['route'],
  parent: Omit<Route, 'matchers' | 'continues' | 'routes' | 'mute' | 'active'>,
  speed: number,
): Route {
  const scaled = (value: string | null | undefined, inherited: number) =>
    value ? parseDuration(value)! / speed : inherited;
  const matchers = matchersOf(input.matchers, input.match, input.match_re);
  const step = `{${matchers.map(({ name, op, value }) => `${name}${op}${JSON.stringify(value)}`).join(',')}}`;
  const own = {
    key: parent.key === '' ? step : `${parent.key}/${step}`,
    receiver: input.receiver || parent.receiver,
    groupBy: input.group_by?.includes('...') ? undefined : (input.group_by ?? parent.groupBy),
    groupWaitMs: scaled(input.group_wait, parent.groupWaitMs),
    groupIntervalMs: scaled(input.group_interval, parent.groupIntervalMs),
    repeatIntervalMs: scaled(input.repeat_interval, parent.repeatIntervalMs),
  };
  return {
    ...own,
    matchers,
    continues: input.continue ?? false,
    mute: input.mute_time_intervals ?? [],
    active: input.active_time_intervals ?? [],
    routes: (input.routes ?? []).map((route) => routeOf(route, own, speed)),
  };
}

function matchersOf(
  matchers: readonly string[] | null | undefined,
  equal: Record<string, string> | null | undefined,
  regex: Record<string, string> | null | undefined,
): Matcher[] {
  return [
    ...(matchers ?? []).flatMap(parseMatchers),
    ...Object.entries(equal ?? {}).map(([name, value]) => matcher(name, '=', value)),
    ...Object.entries(regex ?? {}).map(([name, value]) => matcher(name, '=~', value)),
  ];
}

/** Other kinds than webhook are only remembered. */
function receiverOf({ name, ...configs }: FileInput['receivers'][number]): Receiver {
  const integrations = Object.entries(configs).flatMap(([key, list]) => {
    const kind = /^(.*)_configs$/.exec(key)?.[1];
    if (kind === undefined) return [];
    return list.map((one, index) => ({
      name: kind,
      index,
      url: kind === 'webhook' ? one.url : undefined,
      sendResolved: one.send_resolved ?? kind === 'webhook',
    }));
  });
  return { name, integrations };
}

function withEmbeddedReceiver(receiver: Receiver): Receiver {
  if (receiver.integrations.length > 0) return receiver;
  return { ...receiver, integrations: [{ name: 'webhook', index: 0, url: undefined, sendResolved: true }] };
}

/** Throws Error for what Alertmanager refuses though each part of it is right. */
function refuse({ route: root, receivers, timeIntervals }: AlertmanagerConfig): void {
  const names = new Set(receivers.map(({ name }) => name));
  if (names.size !== receivers.length) throw new Error('Expected every receiver name once');
  if (root.receiver === '') throw new Error('Expected the root route to name a receiver');
  if (root.matchers.length > 0) throw new Error('Expected a root route without matchers');
  if (root.mute.length + root.active.length > 0)
    throw new Error('Expected a root route without time intervals');
  const check = ({ receiver, mute, active, routes }: Route) => {
    if (!names.has(receiver)) throw new Error(`Expected receiver "${receiver}" to be defined`);
    for (const name of [...mute, ...active])
      if (!timeIntervals.has(name)) throw new Error(`Expected time interval "${name}" to be defined`);
    routes.forEach(check);
  };
  check(root);
}
