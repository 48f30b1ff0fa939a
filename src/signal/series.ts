import type { AlertmanagerConfig } from '../alerting/config.ts';

/**
 * What the game knows of a monitoring system; implemented over the HTTP APIs of Prometheus, Alertmanager and
 * Grafana in this folder, the same for the sandbox's embedded ones and for real ones.
 */
export interface Series {
  labels: Record<string, string>;
  /** [unix seconds, value], ascending. NaN where Prometheus gave NaN. */
  points: [number, number][];
}

export interface Sample {
  labels: Record<string, string>;
  /** Unix seconds. */
  at: number;
  value: number;
}

export interface AlertInstance {
  name: string;
  state: 'pending' | 'firing';
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** Wall ms since epoch. */
  activeAt: number;
  value: number;
}

export interface AlertRule {
  name: string;
  group: string;
  file: string;
  query: string;
  /** Seconds. */
  for: number;
  keepFiringFor: number;
  /** Evaluation interval of its group, seconds. */
  interval: number;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  health: 'ok' | 'err' | 'unknown';
  lastError?: string;
  /** Wall ms; 0 before the first. Undefined: not told. */
  lastEvaluation?: number;
  /** Who evaluates it (`part` of a `Ruler`), if that is not Prometheus. */
  ruler?: string;
  /** The query is LogQL, or a part of what Grafana computes: it is never asked here. */
  notPromql?: true;
}

export interface RecordingRule {
  name: string;
  group: string;
  query: string;
  /** Evaluation interval of its group, seconds. */
  interval?: number;
  labels?: Record<string, string>;
  health: 'ok' | 'err' | 'unknown';
  lastError?: string;
  /** Wall ms; 0 before the first. Undefined: not told. */
  lastEvaluation?: number;
}

export interface Rules {
  alerting: AlertRule[];
  recording: RecordingRule[];
}

export interface Prometheus {
  readonly url: string;
  query(expression: string, options?: { at?: number; signal?: AbortSignal }): Promise<Sample[]>;
  /** `start`, `end`, `step` in unix seconds. */
  queryRange(
    expression: string,
    range: { start: number; end: number; step: number },
    signal?: AbortSignal,
  ): Promise<Series[]>;
  /**
   * The samples of a selector as they are stored, in (start, end] (unix seconds) at their own times; where a series ended
   * is not told. Native histograms are left out.
   */
  samples(selector: string, range: { start: number; end: number }, signal?: AbortSignal): Promise<Series[]>;
  rules(signal?: AbortSignal): Promise<Rules>;
  alerts(signal?: AbortSignal): Promise<AlertInstance[]>;
  /** Label sets of the series that match, over a time range. */
  series(
    match: string[],
    range: { start: number; end: number },
    signal?: AbortSignal,
  ): Promise<Record<string, string>[]>;
  labelValues(label: string, match: string[], signal?: AbortSignal): Promise<string[]>;
  labelNames(match: string[], signal?: AbortSignal): Promise<string[]>;
  /** How often the targets of each job are scraped, seconds; the longest of a job. */
  scrapeIntervals(signal?: AbortSignal): Promise<Map<string, number>>;
  /** Version string, e.g. "3.5.0"; used by doctor. */
  buildInfo(signal?: AbortSignal): Promise<{ version: string }>;
}

export interface NotifiedAlert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: number;
  endsAt?: number;
  state: 'unprocessed' | 'active' | 'suppressed';
  silencedBy: string[];
  inhibitedBy: string[];
  /** Names of the time intervals that mute it; [] also where Alertmanager does not tell. */
  mutedBy: string[];
  receivers: string[];
  fingerprint: string;
}

export interface Silence {
  id: string;
  createdBy: string;
  comment: string;
  /** Wall ms. */
  startsAt: number;
  endsAt: number;
  /** As amtool writes them: `alertname="Slow"`. */
  matchers: string[];
}

export interface Alertmanager {
  readonly url: string;
  alerts(signal?: AbortSignal): Promise<NotifiedAlert[]>;
  silences(signal?: AbortSignal): Promise<Silence[]>;
  receivers(signal?: AbortSignal): Promise<string[]>;
  /** Where it sends which alert. Throws also MisfortuneError `unreadable-routes`. */
  routes(signal?: AbortSignal): Promise<AlertmanagerConfig>;
}

/** Somebody else than Prometheus who evaluates rules: a Mimir, Loki or Thanos ruler, or a Grafana. */
export interface Ruler extends Pick<Prometheus, 'url' | 'rules' | 'alerts'> {
  /** As doctor, log and scorecard name it. */
  readonly part: string;
  /** Who is told of its alerts, if that is not the cluster's Alertmanager. */
  alertmanager?: Omit<Alertmanager, 'routes'>;
}

export interface DashboardSummary {
  uid: string;
  title: string;
  tags: string[];
}

/** A Grafana dashboard model as it came: grade and dash read panels, targets, templating from it. */
export interface Dashboard {
  uid: string;
  title: string;
  model: Record<string, unknown>;
}

/** A data source of a Grafana. */
export interface DataSource {
  uid: string;
  name: string;
  /** Grafana's plugin id: prometheus, loki … */
  type: string;
  /** Where Grafana reaches it; '' where it does not say. */
  url: string;
  isDefault: boolean;
  /** Its scrape interval ("timeInterval"), seconds. */
  intervalSeconds?: number;
}

export interface Grafana {
  readonly url: string;
  search(signal?: AbortSignal): Promise<DashboardSummary[]>;
  /** Of any schema, with the content of its library panels. */
  dashboard(uid: string, signal?: AbortSignal): Promise<Dashboard>;
  /** Undefined where it does not tell. */
  sources(signal?: AbortSignal): Promise<DataSource[] | undefined>;
  /** A Prometheus that is reached through Grafana's proxy for data sources. */
  prometheusOf(source: Pick<DataSource, 'uid'>): Prometheus;
  /** Built-in variables of who asks (`__user.login`, `__org` …), as far as it tells. */
  viewer(signal?: AbortSignal): Promise<Record<string, string>>;
}

/** What watches the stack; a part that is not configured is undefined, and says so in doctor and scorecard. */
export interface Monitoring {
  prometheus: Prometheus;
  alertmanager?: Alertmanager;
  grafana?: Grafana;
  rulers?: Ruler[];
}
